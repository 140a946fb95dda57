/// What stands before the name of every metric of ours, `kee_` by default; may be empty.
public struct MetricsPrefix: Sendable, Hashable, CustomStringConvertible {
    /// `kee_`.
    public static let kee = MetricsPrefix(checked: "kee_")

    /// The prefix itself.
    public let description: String

    /// Nil unless the text is empty or a valid name: `^[a-zA-Z_:][a-zA-Z0-9_:]*$`.
    public init?(_ text: String) {
        guard text.isEmpty || MetricName.isValid(text) else { return nil }
        description = text
    }

    private init(checked: String) {
        description = checked
    }
}
