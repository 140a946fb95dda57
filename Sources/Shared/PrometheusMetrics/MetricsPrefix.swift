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

    /// As the other one, but says what is wrong: for options of a command line.
    /// - Throws: ``MetricsPrefixError``.
    public init(parsing text: String) throws(MetricsPrefixError) {
        guard let prefix = MetricsPrefix(text) else { throw MetricsPrefixError(text: text) }
        self = prefix
    }

    private init(checked: String) {
        description = checked
    }
}

/// A prefix that no metric's name can begin with.
public struct MetricsPrefixError: Error, Hashable, CustomStringConvertible {
    /// What was given.
    public let text: String

    /// Says that this text is no prefix.
    public init(text: String) {
        self.text = text
    }

    /// What is wrong and what is allowed.
    public var description: String {
        "'\(text)' is no prefix for metrics: give letters, digits, '_' and ':', no digit first, or nothing"
    }
}
