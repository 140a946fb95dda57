/// The harness itself cannot go on, and why: no verdict about the collector.
public struct ChaosFailure: Error, CustomStringConvertible {
    /// The reason.
    public let description: String

    init(_ description: String) { self.description = description }
}
