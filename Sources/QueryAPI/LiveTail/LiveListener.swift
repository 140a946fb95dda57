public import EventReader

/// One that listens. Its place is free again when this goes.
public final class LiveListener: Sendable {
    private let id: LiveTailStateMachine.ListenerID
    private let tail: LiveTail

    init(id: LiveTailStateMachine.ListenerID, tail: LiveTail) {
        (self.id, self.tail) = (id, tail)
    }

    deinit { tail.remove(id) }

    /// The next bytes of the stream, as soon as there are some; nil when it is to end: the service is being stopped, it
    /// was closed, or the task was cancelled. For one task at a time.
    public func next() async -> [UInt8]? { await tail.next(id) }

    /// Ends the stream, and frees its place.
    public func close() { tail.remove(id) }

    /// From now on only this may be seen.
    public func restrict(to visibility: Visibility) { tail.restrict(id, to: visibility) }
}
