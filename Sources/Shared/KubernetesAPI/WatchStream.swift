internal import HTTPTransfer

/// The frames of an open watch, in the order of the server. To be iterated once; the connection is read only as fast
/// as frames are taken, and closed when the iterator is let go.
public struct WatchStream: AsyncSequence, Sendable {
    /// One line of the watch, or a notice that none comes.
    public typealias Element = WatchFrame
    /// What a stream that breaks off throws.
    public typealias Failure = KubernetesAPIError

    let body: HTTPBody
    let lineLimit: Int
    let request: String

    /// Begins to take frames. To be called once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(body: body.makeAsyncIterator(), splitter: WatchLineSplitter(limit: lineLimit), request: request)
    }

    /// Takes frames out of the stream one by one.
    public struct Iterator: AsyncIteratorProtocol {
        private var body: HTTPBody.AsyncIterator
        private var splitter: WatchLineSplitter
        private let request: String

        init(body: HTTPBody.AsyncIterator, splitter: WatchLineSplitter, request: String) {
            self.body = body
            self.splitter = splitter
            self.request = request
        }

        /// The next frame; nil when the server has ended the watch cleanly.
        ///
        /// - Throws: `KubernetesAPIError` when the stream breaks off. What had come of an unfinished line is dropped:
        ///   its version was not reached, so a watch from the last one brings it again.
        public mutating func next() async throws(KubernetesAPIError) -> WatchFrame? {
            try await next(isolation: #isolation)
        }

        /// The next frame; nil when the server has ended the watch cleanly.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(KubernetesAPIError) -> WatchFrame? {
            while true {
                if let line = splitter.next() { return WatchFrame(line) }
                do {
                    guard let chunk = try await body.next(isolation: actor) else {
                        return splitter.finish().map { WatchFrame($0) }
                    }
                    if chunk.isEmpty { return .silence }
                    splitter.append(chunk)
                } catch {
                    throw KubernetesAPIError(request: request, cause: .transfer(error))
                }
            }
        }
    }
}
