/// When a transfer has taken too long. Time comes in as an argument.
struct TransferClock {
    typealias Instant = ContinuousClock.Instant

    private let silence: Duration?
    private let total: (duration: Duration, due: Instant)?
    private var lastByte: Instant?
    private var isHeldBack = false

    /// A clock that runs from `now`, the time of `send`.
    init(silence: Duration?, total: Duration?, now: Instant) {
        self.silence = silence
        self.total = total.map { ($0, now.advanced(by: $0)) }
    }

    /// The connection stands or a byte came or went.
    mutating func byteMoved(_ now: Instant) {
        lastByte = now
    }

    /// The consumer holds the transfer back: silence is its own.
    mutating func heldBack() {
        isHeldBack = true
    }

    /// The consumer lets the transfer go on: silence counts from here.
    mutating func resumed(_ now: Instant) {
        guard isHeldBack else { return }
        isHeldBack = false
        lastByte = now
    }

    /// The next time at which something may be overdue; nil for never.
    var due: Instant? {
        switch (silenceDue, total?.due) {
        case (let silence?, let total?): min(silence, total)
        case (let one, let other): one ?? other
        }
    }

    private var silenceDue: Instant? {
        guard let silence, let lastByte, !isHeldBack else { return nil }
        return lastByte.advanced(by: silence)
    }

    /// What took too long.
    enum Overrun: Equatable {
        case silent(Duration)
        case total(Duration)
    }

    /// What is overdue at a time, if anything.
    func overrun(at now: Instant) -> Overrun? {
        if let total, total.due <= now { return .total(total.duration) }
        if let silence, let silenceDue, silenceDue <= now { return .silent(silence) }
        return nil
    }
}
