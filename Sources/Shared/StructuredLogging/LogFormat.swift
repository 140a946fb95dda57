/// How log lines look.
public enum LogFormat: String, Sendable, Hashable, CaseIterable {
    /// One JSON object a line, for machines.
    case json
    /// Words, for people.
    case text
}
