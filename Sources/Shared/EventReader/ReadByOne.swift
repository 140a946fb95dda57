/// Something that many questions use and one of them reads, when it is due: the others go on with what there is, be it
/// old. Only at the start, when there is none, each reads.
struct ReadByOne<Value> {
    private var value: (value: Value, readAt: ContinuousClock.Instant)?
    private var isReading = false

    /// The value as it is known; nil if the caller is to read it, and then to tell with `remember`.
    mutating func valueOrTurn(within age: Duration, at now: ContinuousClock.Instant) -> Value? {
        guard let value else { return nil }
        if isReading || now - value.readAt < age { return value.value }
        isReading = true
        return nil
    }

    /// - Parameter read: nil if reading failed: the next question tries again.
    mutating func remember(_ read: Value?, at now: ContinuousClock.Instant) {
        isReading = false
        if let read { value = (read, now) }
    }
}
