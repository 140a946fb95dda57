internal import NIOCore
internal import NIOHTTPTypes

/// Resets an HTTP/2 stream whose client opens no window for what waits for it. Its connection may be well otherwise.
///
/// Bodies are written in pieces of a frame's size, so that it can be seen when a piece has gone.
final class StreamProgressHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// The largest DATA frame of a client that asked for no larger ones. Source: RFC 9113 section 6.5.2.
    static let piece = 16 * 1024

    private let book: ConnectionBook
    private var waiting = 0
    private var sent = 0
    private var check: Scheduled<Void>?
    private var sentAtCheck = 0

    init(book: ConnectionBook) {
        self.book = book
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .body(var bytes) = unwrapOutboundIn(data), bytes.readableBytes > 0 else {
            return context.write(data, promise: promise)
        }
        while let piece = bytes.readSlice(length: min(Self.piece, bytes.readableBytes)), piece.readableBytes > 0 {
            let isLast = bytes.readableBytes == 0
            let gone = isLast ? promise ?? context.eventLoop.makePromise() : context.eventLoop.makePromise()
            waiting += 1
            gone.futureResult.assumeIsolated().whenComplete { _ in
                self.waiting -= 1
                self.sent += 1
            }
            context.write(wrapOutboundOut(.body(piece)), promise: gone)
        }
        if check == nil { scheduleCheck(context) }
    }

    private func scheduleCheck(_ context: ChannelHandlerContext) {
        sentAtCheck = sent
        let patience = book.isOverBudget ? book.limits.hastenedWriteTimeout : book.limits.writeTimeout
        check = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) {
            self.check = nil
            guard self.waiting > 0 else { return }
            if self.sent == self.sentAtCheck {
                self.book.metrics.countCut(.unread)
                context.close(promise: nil)
            } else {
                self.scheduleCheck(context)
            }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        check?.cancel()
        check = nil
    }
}
