import Synchronization

/// What others may know of a session without asking its thread: the pool, when a connection comes back.
final class SessionStatus: Sendable {
    enum Value: UInt8 {
        /// → busy, closed
        case idle
        /// A statement is under way → idle, inTransaction, closed
        case busy
        /// A transaction is open, or has failed and waits for its rollback → busy, closed
        case inTransaction
        /// The end.
        case closed
    }

    private let value = Atomic(Value.idle.rawValue)

    var current: Value { Value(rawValue: value.load(ordering: .acquiring)) ?? .closed }
    func set(_ new: Value) { value.store(new.rawValue, ordering: .releasing) }
}
