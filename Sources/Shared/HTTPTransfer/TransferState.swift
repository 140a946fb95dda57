/// What has come of an answer and what its consumer gets next. Decides only: no lock, no clock, no continuation.
struct TransferState {
    private enum Phase {
        /// To `body` when the head is complete, to `failed`.
        case head
        /// To `ended` or `failed`.
        case body
        /// Stays. What is buffered can still be taken.
        case ended
        /// Stays. What came before the failure can still be taken, unless the consumer itself gave up.
        case failed(HTTPTransferError)
    }

    private var phase = Phase.head
    private var buffer: [UInt8] = []
    private let bufferLimit: Int
    private(set) var isHeldBack = false
    /// The consumer is still to be told that nothing came.
    private var silenceIsNews = false

    init(bufferLimit: Int) {
        self.bufferLimit = max(1, bufferLimit)
    }

    var bufferedByteCount: Int { buffer.count }

    /// Nothing more will come.
    var isOver: Bool {
        switch phase {
        case .head, .body: false
        case .ended, .failed: true
        }
    }

    /// What the failure was, if there was one.
    var failure: HTTPTransferError? {
        switch phase {
        case .failed(let error): error
        case .head, .body, .ended: nil
        }
    }

    /// The head is complete. True if somebody still wants it.
    mutating func headCame() -> Bool {
        switch phase {
        case .head:
            phase = .body
            return true
        case .body, .ended, .failed: return false
        }
    }

    /// What becomes of bytes that libcurl offers.
    enum Verdict: Equatable {
        case taken
        /// Offer them again after `chunk(_, resumes: true)` was taken.
        case holdBack
        /// Nobody wants them.
        case abort
    }

    /// Takes all bytes or none.
    mutating func bytesCame(_ bytes: UnsafeRawBufferPointer) -> Verdict {
        switch phase {
        case .head, .ended, .failed: return .abort
        case .body:
            guard buffer.count < bufferLimit else {
                isHeldBack = true
                return .holdBack
            }
            buffer.append(contentsOf: bytes)
            silenceIsNews = false
            return .taken
        }
    }

    /// No byte has come for a while. The consumer gets an empty chunk after what is buffered, once, unless bytes come
    /// before it asks.
    mutating func silenceCame() {
        switch phase {
        case .body: silenceIsNews = true
        case .head, .ended, .failed: break
        }
    }

    /// The transfer has come to its end; nil for a clean one. False if it was over before.
    mutating func ended(_ error: HTTPTransferError?) -> Bool {
        guard !isOver else { return false }
        phase = error.map(Phase.failed) ?? .ended
        return true
    }

    /// The consumer gives up, or the client shuts down: what is buffered goes. False if the transfer was over before
    /// and nothing more has to be stopped.
    mutating func abandoned(_ error: HTTPTransferError) -> Bool {
        let wasOver = isOver
        // A clean end of which everything was taken stays one, and the first failure stays the failure.
        if !wasOver || (failure == nil && !buffer.isEmpty) { phase = .failed(error) }
        buffer = []
        return !wasOver
    }

    /// What the consumer gets.
    enum Take: Equatable {
        /// Everything that is buffered; empty for a notice of silence. With `resumes`, libcurl is to go on: all is drained, so less than half is full.
        case chunk([UInt8], resumes: Bool)
        case wait
        case end
        case failure(HTTPTransferError)
    }

    /// Takes everything that is buffered.
    mutating func take() -> Take {
        if !buffer.isEmpty {
            let chunk = buffer
            buffer = []
            let resumes = isHeldBack && !isOver
            isHeldBack = false
            return .chunk(chunk, resumes: resumes)
        }
        switch phase {
        case .head: return .wait
        case .body:
            defer { silenceIsNews = false }
            return silenceIsNews ? .chunk([], resumes: false) : .wait
        case .ended: return .end
        case .failed(let error): return .failure(error)
        }
    }
}
