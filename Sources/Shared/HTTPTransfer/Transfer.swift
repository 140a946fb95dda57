import Synchronization

/// A transfer as its consumer and the thread that drives it both see it.
///
/// Continuations are taken out under the lock and resumed after it.
final class Transfer: Sendable {
    typealias HeadResult = Result<ResponseHead, HTTPTransferError>
    typealias ChunkResult = Result<[UInt8]?, HTTPTransferError>

    let id: UInt64
    let request: PreparedRequest
    /// When `send` was called.
    let startedAt = ContinuousClock.now
    private let mailbox: Mailbox

    private struct Guarded {
        var state: TransferState
        var head: CheckedContinuation<HeadResult, Never>?
        var chunk: CheckedContinuation<ChunkResult, Never>?

        mutating func takeContinuations() -> Continuations {
            defer { (head, chunk) = (nil, nil) }
            return Continuations(head: head, chunk: chunk)
        }

        /// A consumer that waits, and what it gets, if there is something.
        mutating func serve() -> (CheckedContinuation<ChunkResult, Never>?, [UInt8]) {
            // A consumer that waits has drained all, so nothing is held back.
            guard let waiting = chunk, case .chunk(let bytes, _) = state.take() else { return (nil, []) }
            chunk = nil
            return (waiting, bytes)
        }
    }

    private struct Continuations {
        var head: CheckedContinuation<HeadResult, Never>?
        var chunk: CheckedContinuation<ChunkResult, Never>?

        func fail(_ error: HTTPTransferError) {
            head?.resume(returning: .failure(error))
            chunk?.resume(returning: .failure(error))
        }
    }

    private let guarded: Mutex<Guarded>

    init(_ request: PreparedRequest, mailbox: Mailbox) {
        self.request = request
        self.mailbox = mailbox
        id = mailbox.nextID()
        guarded = Mutex(Guarded(state: TransferState(bufferLimit: mailbox.limits.bufferedBytes)))
    }

    /// An error of this transfer.
    func error(_ kind: HTTPTransferError.Kind, _ text: String, nothingSent: Bool = false) -> HTTPTransferError {
        HTTPTransferError(kind: kind, message: "\(request.place): \(text)", isConnectionFailure: nothingSent)
    }

    var bufferedByteCount: Int { guarded.withLock { $0.state.bufferedByteCount } }
    var isHeldBack: Bool { guarded.withLock { $0.state.isHeldBack } }
    var isOver: Bool { guarded.withLock { $0.state.isOver } }
}

/// The consumer's side.
extension Transfer {
    /// Starts the transfer and waits for its head. To be called once.
    func start() async throws(HTTPTransferError) -> ResponseHead {
        let result: HeadResult = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let failure = guarded.withLock { guarded in
                    if guarded.state.failure == nil { guarded.head = continuation }
                    return guarded.state.failure
                }
                if let failure {
                    continuation.resume(returning: .failure(failure))
                } else if let refusal = mailbox.submit(self) {
                    ended(refusal)
                }
            }
        } onCancel: {
            abort(.cancelled, "cancelled before the answer's headers came")
        }
        return try result.get()
    }

    /// All bytes that came since the last call, or nil after the clean end.
    func nextChunk() async throws(HTTPTransferError) -> [UInt8]? {
        let result: ChunkResult = await withTaskCancellationHandler {
            await withCheckedContinuation { take(for: $0) }
        } onCancel: {
            abort(.cancelled, "cancelled before the end of the body")
        }
        return try result.get()
    }

    private func take(for continuation: CheckedContinuation<ChunkResult, Never>) {
        let (result, resumes) = guarded.withLock { guarded -> (ChunkResult?, Bool) in
            guard guarded.chunk == nil else {
                return (.failure(error(.invalidRequest, "two tasks read one body at once")), false)
            }
            switch guarded.state.take() {
            case .chunk(let bytes, let resumes): return (.success(bytes), resumes)
            case .end: return (.success(nil), false)
            case .failure(let error): return (.failure(error), false)
            case .wait:
                guarded.chunk = continuation
                return (nil, false)
            }
        }
        if resumes { mailbox.post(.resume(id)) }
        if let result { continuation.resume(returning: result) }
    }

    /// Gives up: whoever waits gets the error at once, and the thread ends the transfer.
    @discardableResult
    func abort(_ kind: HTTPTransferError.Kind, _ text: String) -> HTTPTransferError {
        let error = error(kind, text)
        if abandon(error) { mailbox.post(.abort(id)) }
        return error
    }

    /// Gives up without telling the thread. False if the transfer was over.
    @discardableResult
    func abandon(_ error: HTTPTransferError) -> Bool {
        let (wasUnderWay, continuations) = guarded.withLock { guarded in
            (guarded.state.abandoned(error), guarded.takeContinuations())
        }
        continuations.fail(error)
        return wasUnderWay
    }
}

/// The thread's side.
extension Transfer {
    /// The head is complete. False if nobody wants it any more.
    func headCame(_ head: ResponseHead) -> Bool {
        let (isWanted, continuation) = guarded.withLock { guarded in
            let isWanted = guarded.state.headCame()
            let continuation = isWanted ? guarded.head : nil
            if isWanted { guarded.head = nil }
            return (isWanted, continuation)
        }
        continuation?.resume(returning: .success(head))
        return isWanted
    }

    /// Bytes of the body came.
    func bytesCame(_ bytes: UnsafeRawBufferPointer) -> TransferState.Verdict {
        let (verdict, continuation, chunk) = guarded.withLock { guarded in
            let verdict = guarded.state.bytesCame(bytes)
            let (continuation, chunk) = guarded.serve()
            return (verdict, continuation, chunk)
        }
        continuation?.resume(returning: .success(chunk))
        return verdict
    }

    /// No byte has come for `silenceNotice`.
    func silenceCame() {
        let (continuation, chunk) = guarded.withLock { guarded in
            guarded.state.silenceCame()
            return guarded.serve()
        }
        continuation?.resume(returning: .success(chunk))
    }

    /// The transfer came to its end by itself; nil for a clean one.
    func ended(_ failure: HTTPTransferError?) {
        let (wasUnderWay, continuations) = guarded.withLock { guarded in
            (guarded.state.ended(failure), guarded.takeContinuations())
        }
        guard wasUnderWay else { return }
        if let failure {
            continuations.fail(failure)
        } else {
            continuations.chunk?.resume(returning: .success(nil))
            let noHead = error(.truncated, "the connection ended before the head of the answer did")
            continuations.head?.resume(returning: .failure(noHead))
        }
    }
}
