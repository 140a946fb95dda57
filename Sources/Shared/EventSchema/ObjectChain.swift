/// What is known of the chain of owners above an object, as `kee.object` holds it: what is known better has the greater
/// number, and never gives way to what is known less well.
public enum ObjectChain: Int16, Sendable, Hashable, CaseIterable {
    /// The API server has not been asked, or did not answer.
    case notAsked = 0
    /// The collector may not read objects of this kind.
    case forbidden = 1
    /// The API server has no such kind (any more), or the event does not say which.
    case unserved = 2
    /// The object was gone before it could be asked for.
    case gone = 3
    /// Another object had its name already.
    case replaced = 4
    /// The API server has told who controls it, or that nobody does.
    case known = 5

    /// Asking again cannot tell more: a uid never comes back.
    public var isFinal: Bool {
        switch self {
        case .notAsked, .forbidden, .unserved: false
        case .gone, .replaced, .known: true
        }
    }

    /// The word for it in answers and metrics.
    public var word: String {
        switch self {
        case .notAsked: "not asked"
        case .forbidden: "forbidden"
        case .unserved: "unserved"
        case .gone: "gone"
        case .replaced: "replaced"
        case .known: "known"
        }
    }
}
