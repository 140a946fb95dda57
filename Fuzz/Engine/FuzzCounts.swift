/// What became of documents.
public struct FuzzCounts: Sendable, Equatable {
    /// How many were read.
    public var documents = 0
    /// Events in them that can be archived.
    public var accepted = 0
    /// Things in them that are no such events, and texts that are no JSON.
    public var rejected = 0
    /// Lines of watches.
    public var frames = 0

    /// None.
    public init() {}

    /// Adds those of another run.
    public static func += (left: inout FuzzCounts, right: FuzzCounts) {
        left.documents += right.documents
        left.accepted += right.accepted
        left.rejected += right.rejected
        left.frames += right.frames
    }
}

/// An invariant that does not hold for a document.
public struct FuzzFailure: Error, Sendable, CustomStringConvertible {
    /// Which one, and how.
    public let description: String
}
