internal import JSON

/// What an API server says of itself under `/version`.
public struct KubernetesVersion: Sendable, Equatable {
    /// Such as `v1.36.2`.
    public let gitVersion: String
    /// Such as `linux/amd64`; empty if not said.
    public let platform: String

    /// Reads the body; nil if it says no version.
    init?(body: [UInt8]) {
        guard let root = try? JSONDocument(parsing: body).root, let version = root["gitVersion"]?.string else {
            return nil
        }
        gitVersion = version
        platform = root["platform"]?.string ?? ""
    }
}
