/// A value that cannot be read, said in the user's words: the value, why, and what to give instead.
public struct SettingValueError: Error, Hashable, CustomStringConvertible {
    /// The whole message, one line.
    public let description: String

    /// An error with this message; it must not hold a secret.
    public init(_ description: String) {
        self.description = description
    }
}
