/// Why something is no event that can be archived. It is counted, named and kept aside, and never stops a stream.
public struct EventRejection: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Sendable, Equatable {
        /// It is another kind of object, named as it names itself.
        case otherKind(String)
        /// It has no kind and nothing else that would make it an event.
        case unrecognised
        /// Not a JSON object.
        case notAnObject
        /// Nothing in it says when it happened.
        case noTime
        /// Not JSON or YAML at all; the parser's words.
        case malformed(String)
    }

    /// What is wrong.
    public let reason: Reason

    /// For this reason.
    public init(_ reason: Reason) {
        self.reason = reason
    }

    /// What is wrong, in a user's words.
    public var description: String {
        switch reason {
        case .otherKind(let kind): "\(kind) is not a Kubernetes Event"
        case .unrecognised: "not a Kubernetes Event: neither kind, involvedObject nor regarding"
        case .notAnObject: "not a Kubernetes Event: not an object"
        case .noTime:
            "no usable time: series.lastObservedTime, lastTimestamp, eventTime, firstTimestamp and creationTimestamp"
                + " are missing or not RFC 3339"
        case .malformed(let text): text
        }
    }
}
