internal import NIOCore

/// Nearest to the socket (behind TLS): tells the record when bytes come, and if the client takes what waits for it.
final class ConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let record: ConnectionRecord
    private var taken: UInt64?
    private var lastProgress: UInt64 = 0

    init(_ record: ConnectionRecord) {
        self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        record.bytesCame()
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ProgressCheck else { return context.fireUserInboundEventTriggered(event) }
        checkProgress(context)
    }

    private func checkProgress(_ context: ChannelHandlerContext) {
        let now = ConnectionRecord.now
        let standing = record.standing
        guard standing.phase == .answering || standing.phase == .stalled else { return }
        let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard waiting > 0 else {
            // The answer is being made, or the client has taken all of it.
            taken = nil
            if standing.phase == .stalled { record.set(.answering, since: now) }
            return
        }
        SentBytes.acknowledged(of: context.channel) { [self] acknowledged in
            // What waits here only shrinks in large steps; what the client's system has taken tells it sooner.
            let measure = acknowledged ?? UInt64(waiting)
            if taken != measure {
                (taken, lastProgress) = (measure, now)
                if standing.phase == .stalled { record.set(.answering, since: now) }
            } else if standing.phase == .answering {
                record.set(.stalled, since: lastProgress)
            }
        }
    }
}
