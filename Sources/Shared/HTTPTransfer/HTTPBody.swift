/// The body of an answer, as chunks of what has come since the last one.
///
/// One consumer: a second iterator takes chunks from the first. What nobody reads stays bounded: at
/// `HTTPClientLimits.bufferedBytes` the connection is read no further, and the server's send blocks. Cancelling the
/// task that reads aborts the transfer, and so does dropping the last copy of the body with its iterator. An error is
/// thrown again by each later call, so that a broken body cannot be taken for a whole one.
public struct HTTPBody: AsyncSequence, Sendable {
    /// A chunk; an empty one says that nothing has come for `HTTPRequest.silenceNotice`, and only if that is asked for.
    public typealias Element = [UInt8]
    /// What reading throws.
    public typealias Failure = HTTPTransferError

    private let lease: TransferLease

    init(_ lease: TransferLease) {
        self.lease = lease
    }

    /// Bytes that have come and that nobody has taken yet.
    var bufferedByteCount: Int { lease.transfer.bufferedByteCount }

    /// Whether the connection is not read until somebody takes a chunk.
    var isHeldBack: Bool { lease.transfer.isHeldBack }

    /// An iterator over the chunks that have not been taken yet.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(lease: lease)
    }

    /// Takes chunks one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let lease: TransferLease

        /// All bytes that came since the last call, or nil after the clean end.
        public mutating func next() async throws(HTTPTransferError) -> [UInt8]? {
            try await lease.transfer.nextChunk()
        }

        /// All bytes that came since the last call, or nil after the clean end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(HTTPTransferError) -> [UInt8]? {
            try await lease.transfer.nextChunk()
        }
    }

    /// The whole body. Throws `.bodyTooLarge` when it has more than `limit` bytes, and aborts the transfer.
    public func collect(upTo limit: Int) async throws(HTTPTransferError) -> [UInt8] {
        var whole: [UInt8] = []
        while let chunk = try await lease.transfer.nextChunk() {
            guard chunk.count <= limit - whole.count else {
                throw lease.transfer.abort(.bodyTooLarge, "the body has more than the \(limit) bytes that are taken")
            }
            if whole.isEmpty { whole = chunk } else { whole += chunk }
        }
        return whole
    }
}

/// What a body and its iterators share; when the last of them goes, the transfer is aborted.
final class TransferLease: Sendable {
    let transfer: Transfer
    /// Keeps the client at work while somebody may read.
    private let client: HTTPClient

    init(_ transfer: Transfer, of client: HTTPClient) {
        self.transfer = transfer
        self.client = client
    }

    deinit {
        transfer.abort(.cancelled, "the body was dropped before its end")
    }
}
