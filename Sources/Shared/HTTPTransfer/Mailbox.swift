import Synchronization

/// How everybody talks to the thread that owns libcurl's handles.
///
/// Bounded: `submit` refuses beyond the limits, and each transfer posts at most one `resume` at a time and one `abort`.
final class Mailbox: Sendable {
    enum Message {
        case start(Transfer)
        /// The consumer has drained what was buffered.
        case resume(UInt64)
        /// Nobody wants the rest.
        case abort(UInt64)
    }

    private enum Phase {
        /// No thread. To `open` at the first transfer, to `closed`.
        case idle
        /// To `closing`.
        case open
        /// The thread is to end. To `closed` when it has.
        case closing
        /// Stays.
        case closed
    }

    private struct Box {
        var phase = Phase.idle
        var messages: [Message] = []
        /// Transfers that were submitted and not retired.
        var shared = 0
        var own = 0
        /// Nil until the thread has its multi handle and again before it frees it.
        var waker: CurlWaker?
        var lastID: UInt64 = 0
        var closeWaiters: [CheckedContinuation<Void, Never>] = []
    }

    let limits: HTTPClientLimits
    private let box = Mutex(Box())

    init(limits: HTTPClientLimits) {
        self.limits = limits
    }

    func nextID() -> UInt64 {
        box.withLock { box in
            box.lastID += 1
            return box.lastID
        }
    }

    /// Transfers that were submitted and not retired.
    var unfinished: Int { box.withLock { $0.shared + $0.own } }

    /// Hands over a transfer and starts the thread for the first one. Returns why not, if not.
    func submit(_ transfer: Transfer) -> HTTPTransferError? {
        let isOwn = transfer.request.original.usesOwnConnection
        return box.withLock { box -> HTTPTransferError? in
            switch box.phase {
            case .closing, .closed: return transfer.error(.shutdown, "the HTTP client was shut down")
            case .idle, .open: break
            }
            let most = isOwn ? limits.ownConnections : limits.concurrentTransfers + limits.waitingTransfers
            guard (isOwn ? box.own : box.shared) < most else {
                let what = isOwn ? "transfers with their own connection" : "unfinished transfers"
                return transfer.error(
                    .overloaded,
                    "\(most) \(what) are the most of this client; end some or raise its limits"
                )
            }
            if box.phase == .idle {
                guard CurlThread.start({ [self] in TransferLoop.run(self) }) else {
                    return transfer.error(.overloaded, "the system has no thread left for the HTTP client")
                }
                box.phase = .open
            }
            if isOwn { box.own += 1 } else { box.shared += 1 }
            box.messages.append(.start(transfer))
            box.waker?.wake()
            return nil
        }
    }

    /// Leaves a message; after the end nobody reads it.
    func post(_ message: Message) {
        box.withLock { box in
            guard box.phase == .open else { return }
            box.messages.append(message)
            box.waker?.wake()
        }
    }

    /// Ends the thread and all transfers, soon. Does not wait.
    func close() {
        box.withLock { box in
            switch box.phase {
            case .idle: box.phase = .closed
            case .open:
                box.phase = .closing
                box.waker?.wake()
            case .closing, .closed: break
            }
        }
    }

    /// Waits until the thread has freed everything, if it was told to.
    func waitUntilClosed() async {
        await withCheckedContinuation { continuation in
            let isOver = box.withLock { box in
                switch box.phase {
                case .idle, .closed: return true
                case .open, .closing:
                    box.closeWaiters.append(continuation)
                    return false
                }
            }
            if isOver { continuation.resume() }
        }
    }
}

/// The thread's side.
extension Mailbox {
    /// The thread can be woken from now on.
    func opened(_ waker: CurlWaker) {
        box.withLock { $0.waker = waker }
    }

    /// All messages in order, and whether the thread is to end.
    func take() -> (messages: [Message], isClosing: Bool) {
        box.withLock { box in
            let messages = box.messages
            box.messages = []
            return (messages, box.phase != .open)
        }
    }

    /// A transfer is over and counts no more.
    func retired(_ transfer: Transfer) {
        box.withLock { box in
            if transfer.request.original.usesOwnConnection { box.own -= 1 } else { box.shared -= 1 }
        }
    }

    /// Nobody wakes or submits any more. Returns what had not been taken.
    func stopped() -> [Message] {
        box.withLock { box in
            box.phase = .closing
            box.waker = nil
            let messages = box.messages
            box.messages = []
            return messages
        }
    }

    /// Everything is freed.
    func ended() {
        let waiters = box.withLock { box in
            box.phase = .closed
            let waiters = box.closeWaiters
            box.closeWaiters = []
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
