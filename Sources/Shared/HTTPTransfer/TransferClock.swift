/// When a transfer has taken too long. Time comes in as an argument.
struct TransferClock {
    typealias Instant = ContinuousClock.Instant

    private let silence: Duration?
    private let notice: Duration?
    private let total: (duration: Duration, due: Instant)?
    /// Nil when the head is here.
    private var head: (duration: Duration, due: Instant)?
    private var hasHead = false
    private var lastByte: Instant?
    private var lastNotice: Instant?
    private var isHeldBack = false

    /// A clock that runs from `now`, the time of `send`.
    init(silence: Duration?, notice: Duration? = nil, head: Duration? = nil, total: Duration?, now: Instant) {
        self.silence = silence
        self.notice = notice
        self.head = head.map { ($0, now.advanced(by: $0)) }
        self.total = total.map { ($0, now.advanced(by: $0)) }
    }

    /// The connection stands or a byte came or went.
    mutating func byteMoved(_ now: Instant) {
        lastByte = now
    }

    /// The head of the answer is here: from now on silence of the body is noticed.
    mutating func headCame() {
        hasHead = true
        head = nil
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
        var due = total?.due
        for other in [head?.due, silenceDue, noticeDue] {
            if let other { due = min(due ?? other, other) }
        }
        return due
    }

    private var silenceDue: Instant? {
        guard let silence, let lastByte, !isHeldBack else { return nil }
        return lastByte.advanced(by: silence)
    }

    private var noticeDue: Instant? {
        guard let notice, let lastByte, hasHead, !isHeldBack else { return nil }
        return max(lastByte, lastNotice ?? lastByte).advanced(by: notice)
    }

    /// Whether the consumer is to be told of silence at a time. If so, the next notice counts from then.
    mutating func takeNotice(at now: Instant) -> Bool {
        guard let noticeDue, noticeDue <= now else { return false }
        lastNotice = now
        return true
    }

    /// What took too long.
    enum Overrun: Equatable {
        case silent(Duration)
        case head(Duration)
        case total(Duration)
    }

    /// What is overdue at a time, if anything.
    func overrun(at now: Instant) -> Overrun? {
        if let total, total.due <= now { return .total(total.duration) }
        if let head, head.due <= now { return .head(head.duration) }
        if let silence, let silenceDue, silenceDue <= now { return .silent(silence) }
        return nil
    }
}
