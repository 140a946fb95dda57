internal import NIOCore

/// A connection beyond the bounds: answered at once and closed, without a request being read.
final class RefusalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is read before the end is dropped: bytes left unread would reset the answer away.
    static let patience: TimeAmount = .milliseconds(500)

    private let answer: ByteBuffer?

    /// - Parameter answer: nil where even an answer would cost too much: in TLS, a handshake.
    init(answer: ByteBuffer?) {
        self.answer = answer
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { refuse(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        refuse(context)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let channel = context.channel
        guard let answer else { return channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        context.close(mode: .output, promise: nil)
        context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { context.close(promise: nil) }
    }
}
