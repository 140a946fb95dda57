internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes
internal import Synchronization

/// Follows the requests of an HTTP/1.1 connection, or the one of an HTTP/2 stream: tells the record what the connection
/// is at and the presence when the client has left, drops bodies, which nothing here wants, and counts what waits to be
/// sent.
final class RequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A body larger than this is counted: not each small answer.
    static let countedBytes = 16 * 1024
    /// How long the client may take to read the last answer; closing at once would reset it away.
    static let patience: TimeAmount = .seconds(1)

    private let book: ConnectionBook
    private let presence: ClientPresence
    /// Nil in a stream: the connection's standing then depends on all of its streams.
    private let record: ConnectionRecord?
    private var unanswered = 0
    /// Answers that are written, and not all taken by the system.
    private var unsent = 0
    private var isReading = false
    private var dropped = 0
    private var isLast = false

    init(book: ConnectionBook, presence: ClientPresence, record: ConnectionRecord?) {
        (self.book, self.presence, self.record) = (book, presence, record)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            unanswered += 1
            (isReading, dropped) = (true, 0)
            let length = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
            if length > ListenerLimits.droppedBody { isLast = true }
            record?.set(.answering)
        case .body(let bytes):
            dropped += bytes.readableBytes
            // To be read to its end it is too much: the answer is the connection's last.
            guard dropped > ListenerLimits.droppedBody, !isLast else { return }
            isLast = true
            if unanswered == 0, record != nil { closeSoon(context) }
            return
        case .end:
            isReading = false
            rest()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard isLast, record != nil else { return context.write(data, promise: promise) }
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let bytes):
            context.write(data, promise: counted(bytes.readableBytes, promise, context))
        case .end:
            unanswered -= 1
            guard record != nil else { return context.write(data, promise: promise) }
            unsent += 1
            let sent = promise ?? context.eventLoop.makePromise()
            sent.futureResult.assumeIsolated().whenComplete { _ in
                self.unsent -= 1
                self.rest()
            }
            context.write(data, promise: sent)
            if isLast { closeSoon(context) }
        }
    }

    /// Nothing is to be answered or sent: the next request is awaited, or first the rest of a body.
    private func rest() {
        guard unanswered == 0, unsent == 0 else { return }
        record?.set(isReading ? .head : .idle)
    }

    private func counted(
        _ bytes: Int,
        _ promise: EventLoopPromise<Void>?,
        _ context: ChannelHandlerContext
    ) -> EventLoopPromise<Void>? {
        guard bytes >= Self.countedBytes else { return promise }
        let promise = promise ?? context.eventLoop.makePromise()
        book.unsent.add(bytes, ordering: .relaxed)
        promise.futureResult.whenComplete { [book] _ in book.unsent.subtract(bytes, ordering: .relaxed) }
        return promise
    }

    private func closeSoon(_ context: ChannelHandlerContext) {
        context.flush()
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The end of a stream's input is the end of its request; the end of a connection's is most often its client's.
        if case .some(.inputClosed) = event as? ChannelEvent, record != nil, unanswered > 0 {
            let presence = presence
            context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(book.limits.leavingGrace)) {
                if self.unanswered > 0 { presence.leave() }
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        presence.leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        presence.leave()
    }
}
