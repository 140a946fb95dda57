internal import FoundationEssentials

/// The environment of this process.
public enum ProcessEnvironment {
    /// As it is now.
    public static var current: [String: String] { ProcessInfo.processInfo.environment }
}
