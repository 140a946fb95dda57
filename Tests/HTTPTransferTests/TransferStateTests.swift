import Testing

@testable import HTTPTransfer

@Suite("What the consumer of a transfer gets")
struct TransferStateTests {
    private static let truncated = HTTPTransferError(kind: .truncated, message: "cut")
    private static let cancelled = HTTPTransferError(kind: .cancelled, message: "enough")

    private static func withHead(limit: Int = 4) -> TransferState {
        var state = TransferState(bufferLimit: limit)
        #expect(state.headCame() == true)
        return state
    }

    private static func bytes(_ bytes: [UInt8], to state: inout TransferState) -> TransferState.Verdict {
        bytes.withUnsafeBytes { state.bytesCame($0) }
    }

    @Test("Chunks grow together until somebody takes them")
    func coalesce() {
        var state = Self.withHead()
        #expect(state.take() == .wait)
        #expect(Self.bytes([1], to: &state) == .taken)
        #expect(Self.bytes([2, 3], to: &state) == .taken)
        #expect(state.take() == .chunk([1, 2, 3], resumes: false))
        #expect(state.take() == .wait)
        #expect(state.ended(nil) == true)
        #expect(state.take() == .end)
        #expect(state.take() == .end)
    }

    @Test("A full buffer holds back; taking it resumes, once")
    func holdBack() {
        var state = Self.withHead()
        #expect(Self.bytes([1, 2, 3], to: &state) == .taken)
        #expect(Self.bytes([4, 5, 6], to: &state) == .taken)
        #expect(Self.bytes([7], to: &state) == .holdBack)
        #expect(state.isHeldBack)
        #expect(state.bufferedByteCount == 6)
        #expect(state.take() == .chunk([1, 2, 3, 4, 5, 6], resumes: true))
        #expect(!state.isHeldBack)
        #expect(Self.bytes([7], to: &state) == .taken)
        #expect(state.take() == .chunk([7], resumes: false))
    }

    @Test("A failure comes after what came, and again")
    func failure() {
        var state = Self.withHead()
        _ = Self.bytes([1], to: &state)
        #expect(state.ended(Self.truncated) == true)
        #expect(state.ended(nil) == false)
        #expect(state.take() == .chunk([1], resumes: false))
        #expect(state.take() == .failure(Self.truncated))
        #expect(state.take() == .failure(Self.truncated))
        #expect(Self.bytes([2], to: &state) == .abort)
    }

    @Test("Whoever gives up gets nothing more, and the thread is told once")
    func abandon() {
        var state = Self.withHead()
        _ = Self.bytes([1], to: &state)
        #expect(state.abandoned(Self.cancelled) == true)
        #expect(state.abandoned(Self.cancelled) == false)
        #expect(state.bufferedByteCount == 0)
        #expect(state.ended(nil) == false)
        #expect(state.take() == .failure(Self.cancelled))
    }

    @Test("Giving up after the end loses what was not taken, but makes no error of a whole body")
    func abandonAfterEnd() {
        var half = Self.withHead()
        _ = Self.bytes([1], to: &half)
        #expect(half.ended(nil) == true)
        #expect(half.abandoned(Self.cancelled) == false)
        #expect(half.take() == .failure(Self.cancelled))
        var whole = Self.withHead()
        #expect(whole.ended(nil) == true)
        #expect(whole.abandoned(Self.cancelled) == false)
        #expect(whole.take() == .end)
    }

    @Test("A head that nobody waits for any more stops the transfer")
    func headAfterAbandon() {
        var state = TransferState(bufferLimit: 4)
        #expect(state.abandoned(Self.cancelled) == true)
        #expect(state.headCame() == false)
        #expect(state.isOver)
        #expect(state.failure == Self.cancelled)
    }

    @Test("Bytes before the head are no body")
    func bytesBeforeHead() {
        var state = TransferState(bufferLimit: 4)
        #expect(Self.bytes([1], to: &state) == .abort)
    }
}
