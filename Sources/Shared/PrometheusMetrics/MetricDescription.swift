/// What a family of metrics is: its name without prefix, the help text, the kind.
public struct MetricDescription: Sendable, Hashable {
    /// The kinds of family that this backend writes.
    public enum Kind: String, Sendable, Hashable {
        /// Only rises; its name ends in `_total`.
        case counter
        /// Goes up and down.
        case gauge
        /// Count, sum and quantiles of the last minutes.
        case summary
    }

    /// As given to swift-metrics, or as it is seen: for a counter with or without `_total`.
    public let name: String
    /// One sentence.
    public let help: String
    /// What the family must be.
    public let kind: Kind

    /// Describes the family `name` (without prefix).
    public init(_ name: String, help: String, kind: Kind) {
        self.name = name
        self.help = help
        self.kind = kind
    }
}
