/// The thread that owns the multi handle and every easy handle. Nothing of libcurl is touched elsewhere.
final class TransferLoop {
    private let mailbox: Mailbox
    private let multi: CurlMulti
    private var admission: Admission
    private var waiting: [UInt64: Transfer] = [:]
    private var running: [UInt64: RunningTransfer] = [:]
    /// No clock is due before; nil for never. Clocks that move on leave it early, which costs one look at all of them.
    private var nextLook: ContinuousClock.Instant?

    /// The body of the thread: works until the mailbox closes.
    static func run(_ mailbox: Mailbox) {
        if let multi = CurlMulti() {
            mailbox.opened(multi.waker)
            withExtendedLifetime(TransferLoop(mailbox, multi)) { $0.run() }
        } else {
            shutDown(mailbox.stopped())
        }
        // Here all handles are freed.
        mailbox.ended()
    }

    private init(_ mailbox: Mailbox, _ multi: CurlMulti) {
        self.mailbox = mailbox
        self.multi = multi
        let limits = mailbox.limits
        admission = Admission(limit: limits.concurrentTransfers, limitPerHost: limits.concurrentTransfersPerHost)
    }

    private func run() {
        while true {
            let (messages, isClosing) = mailbox.take()
            for message in messages { handle(message) }
            if isClosing { return close() }
            startAdmitted()
            multi.perform()
            while let (id, failure) = multi.nextEnded() { finish(id) { failure.map($0.error) } }
            endOverdue()
            // What ended made room, and a transfer that starts has to be driven once before the wait.
            if startAdmitted() { continue }
            multi.wait(milliseconds: patience())
        }
    }

    private func handle(_ message: Mailbox.Message) {
        switch message {
        case .start(let transfer):
            if transfer.isOver {
                mailbox.retired(transfer)
            } else if transfer.request.original.usesOwnConnection {
                start(transfer)
            } else {
                waiting[transfer.id] = transfer
                admission.submitted(transfer.id, host: transfer.request.origin)
                look(at: clock(of: transfer).due)
            }
        case .resume(let id):
            guard let running = running[id], let easy = running.easy else { return }
            running.clock.resumed(.now)
            look(at: running.clock.due)
            do throws(CurlFailure) { try easy.resume() } catch { finish(id) { $0.error(error) } }
        case .abort(let id):
            if let transfer = waiting.removeValue(forKey: id) {
                admission.finished(id)
                mailbox.retired(transfer)
            } else {
                // The transfer knows its own error.
                finish(id) { _ in nil }
            }
        }
    }

    @discardableResult
    private func startAdmitted() -> Bool {
        var hasStarted = false
        while let id = admission.next() {
            guard let transfer = waiting.removeValue(forKey: id) else { continue }
            start(transfer)
            hasStarted = true
        }
        return hasStarted
    }

    private func start(_ transfer: Transfer) {
        let candidate = RunningTransfer(transfer, clock: clock(of: transfer), headerLimit: mailbox.limits.headerBytes)
        candidate.clockStarted = { [weak self] in self?.look(at: $0) }
        running[transfer.id] = candidate
        keepConnections()
        do throws(CurlFailure) {
            guard multi.add(try candidate.setUp()) else {
                return finish(transfer.id) { _ in transfer.error(.invalidRequest, "libcurl does not take the transfer")
                }
            }
            look(at: candidate.clock.due)
        } catch {
            finish(transfer.id) { _ in transfer.error(.invalidRequest, error.text) }
        }
    }

    /// libcurl counts connections in use as kept ones, so the bound on idle ones moves with them.
    private func keepConnections() {
        multi.keepConnections(running.count + max(1, mailbox.limits.idleConnections))
    }

    /// Frees a transfer's handle and tells its consumer.
    private func finish(_ id: UInt64, error: (RunningTransfer) -> HTTPTransferError?) {
        guard let ended = running.removeValue(forKey: id) else { return }
        if let easy = ended.easy { multi.remove(easy) }
        keepConnections()
        admission.finished(id)
        mailbox.retired(ended.transfer)
        ended.transfer.ended(error(ended))
    }

    private func close() {
        let error = { (transfer: Transfer) in transfer.error(.shutdown, "the HTTP client was shut down") }
        for transfer in waiting.values { transfer.abandon(error(transfer)) }
        for running in running.values {
            running.transfer.abandon(error(running.transfer))
            if let easy = running.easy { multi.remove(easy) }
        }
        waiting = [:]
        running = [:]
        Self.shutDown(mailbox.stopped())
    }

    private static func shutDown(_ messages: [Mailbox.Message]) {
        for case .start(let transfer) in messages {
            transfer.abandon(transfer.error(.shutdown, "the HTTP client was shut down"))
        }
    }
}

/// Clocks.
extension TransferLoop {
    private func clock(of transfer: Transfer) -> TransferClock {
        let request = transfer.request.original
        return TransferClock(
            silence: request.silenceTimeout,
            notice: request.silenceNotice,
            head: request.headTimeout,
            total: request.totalTimeout,
            now: transfer.startedAt
        )
    }

    private func look(at due: ContinuousClock.Instant?) {
        if let due { nextLook = nextLook.map { min($0, due) } ?? due }
    }

    private func endOverdue() {
        let now = ContinuousClock.now
        guard let look = nextLook, look <= now else { return }
        nextLook = nil
        for (id, transfer) in waiting {
            guard let overrun = clock(of: transfer).overrun(at: now) else { continue }
            waiting[id] = nil
            admission.finished(id)
            mailbox.retired(transfer)
            transfer.ended(transfer.error(overrun, nothingSent: true))
        }
        for (id, transfer) in running {
            if let error = transfer.overrun(at: now) {
                finish(id) { _ in error }
            } else {
                transfer.noticeSilence(at: now)
            }
        }
        for transfer in waiting.values { self.look(at: clock(of: transfer).due) }
        for transfer in running.values { self.look(at: transfer.clock.due) }
    }

    /// Milliseconds until the next look, an hour at most.
    private func patience() -> Int32 {
        let hour = Duration.seconds(3600)
        let patience = nextLook.map { min(hour, ContinuousClock.now.duration(to: $0)) } ?? hour
        return Int32(patience.milliseconds())
    }
}
