/// The server for the tests cannot do what it should, and why.
public struct PostgresServerFailure: Error, CustomStringConvertible {
    /// The reason, with the remedy where there is one.
    public let description: String

    init(_ description: String) { self.description = description }
}
