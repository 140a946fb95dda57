/// What both programs call themselves: they are released together.
public enum ProgramVersion {
    /// The release, by semver.org.
    public static let release = "0.1.0"
    /// The commit that was built, where the build says so.
    public static let revision = "unknown"
}
