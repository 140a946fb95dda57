/// A value that is worked out when metrics are read.
public struct CollectedMetric: Sendable {
    /// The name, without prefix unless `isPrefixed` is false.
    public let name: String
    /// Label names with their values.
    public let labels: [(String, String)]
    /// The value now.
    public let value: Double
    /// Gauge or counter. (A summary cannot be collected.)
    public let kind: MetricDescription.Kind
    /// False for names that are the same everywhere, such as `process_resident_memory_bytes`.
    public let isPrefixed: Bool

    /// A value named `name`.
    public init(
        _ name: String,
        labels: [(String, String)] = [],
        value: Double,
        kind: MetricDescription.Kind = .gauge,
        isPrefixed: Bool = true
    ) {
        self.name = name
        self.labels = labels
        self.value = value
        self.kind = kind
        self.isPrefixed = isPrefixed
    }
}
