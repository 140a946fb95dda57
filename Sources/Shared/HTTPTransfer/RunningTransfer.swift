/// A transfer that libcurl is at work on. Belongs to the thread of `TransferLoop`.
final class RunningTransfer: CurlEasyDelegate {
    let transfer: Transfer
    var clock: TransferClock
    /// Told when silence begins to count and when its notices do, with the time at which it would be too long.
    var clockStarted: ((ContinuousClock.Instant?) -> Void)?
    /// Nil only until it was set up.
    private(set) var easy: CurlEasy?
    private var parser: ResponseHeadParser
    private var hasSent = false
    private var uploaded: Int64 = 0
    /// Why a callback of ours stopped the transfer.
    private var ownFailure: HTTPTransferError?

    init(_ transfer: Transfer, clock: TransferClock, headerLimit: Int) {
        self.transfer = transfer
        self.clock = clock
        parser = ResponseHeadParser(limit: headerLimit)
    }

    /// Makes the handle; not part of `init` since it needs this object for its delegate.
    func setUp() throws(CurlFailure) -> CurlEasy {
        let easy = try CurlEasy(transfer.request, id: transfer.id, delegate: self)
        self.easy = easy
        return easy
    }

    func curlSendsRequest() {
        hasSent = true
        clock.byteMoved(.now)
        clockStarted?(clock.due)
    }

    func curlReceived(line: UnsafeRawBufferPointer) -> Bool {
        clock.byteMoved(.now)
        switch parser.take(line) {
        case .more: return true
        case .complete:
            clock.headCame()
            // With the head the notices of silence begin.
            clockStarted?(clock.due)
            return transfer.headCame(parser.head)
        case .tooLarge: ownFailure = transfer.error(.protocol, "the answer's headers are larger than the client takes")
        case .malformed: ownFailure = transfer.error(.protocol, "the answer does not start with an HTTP status line")
        }
        return false
    }

    func curlReceived(body: UnsafeRawBufferPointer) -> TransferState.Verdict {
        let verdict = transfer.bytesCame(body)
        switch verdict {
        case .taken: clock.byteMoved(.now)
        case .holdBack: clock.heldBack()
        case .abort: break
        }
        return verdict
    }

    /// What took too long, if anything. A request's body that is still going out is no silence.
    func overrun(at now: ContinuousClock.Instant) -> HTTPTransferError? {
        if let uploaded = easy?.uploadedByteCount, uploaded > self.uploaded {
            self.uploaded = uploaded
            clock.byteMoved(now)
        }
        return clock.overrun(at: now).map { transfer.error($0, nothingSent: !hasSent) }
    }

    /// Tells the consumer of silence, if it is to be told.
    func noticeSilence(at now: ContinuousClock.Instant) {
        if clock.takeNotice(at: now) { transfer.silenceCame() }
    }

    /// libcurl's failure in our words.
    func error(_ failure: CurlFailure) -> HTTPTransferError {
        ownFailure
            ?? transfer.error(
                failure.kind(hasSent: hasSent),
                failure.text,
                nothingSent: !hasSent && failure.reason != .other
            )
    }
}

extension Transfer {
    func error(_ overrun: TransferClock.Overrun, nothingSent: Bool) -> HTTPTransferError {
        switch overrun {
        case .silent(let duration): error(.silent, "no byte came for \(duration)", nothingSent: nothingSent)
        case .head(let duration):
            error(.silent, "the answer's headers did not come for \(duration)", nothingSent: nothingSent)
        case .total(let duration): error(.totalTimeout, "not finished after \(duration)", nothingSent: nothingSent)
        }
    }
}
