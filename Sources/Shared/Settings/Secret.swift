public import ArgumentParser

/// Text that is never printed: its description is `***`.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomReflectable, ExpressibleByArgument {
    /// What must not be shown.
    public let value: String

    /// Hides this text.
    public init(_ value: String) {
        self.value = value
    }

    /// Nil when empty.
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        value = argument
    }

    /// `***`.
    public var description: String { "***" }

    /// Nothing, so that `dump` and debuggers' summaries show no secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
