internal import NIOCore
internal import NIOHTTP1

/// Answers what the HTTP decoder refuses, headers far over the bound above all, with a problem instead of a bare 400,
/// and closes the connection.
///
/// Small excesses are decoded and refused as any other request is. It writes past the encoder, so a client that sends
/// garbage behind a request that is not answered yet may read the two answers in the wrong order.
final class MalformedRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    /// How long the client may take to read the answer; closing at once would reset it away.
    static let patience: TimeAmount = .seconds(1)

    private let refusals: Refusals
    private var hasAnswered = false

    init(_ refusals: Refusals) {
        self.refusals = refusals
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        guard !hasAnswered else { return }
        hasAnswered = true
        let refusal = error == .headerOverflow ? refusals.headersTooLarge : refusals.malformed
        guard let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else {
            return context.fireErrorCaught(error)
        }
        encoder.writeAndFlush(NIOAny(refusal.message), promise: nil)
        context.close(mode: .output, promise: nil)
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.patience) { loopBound.value.close(promise: nil) }
    }
}
