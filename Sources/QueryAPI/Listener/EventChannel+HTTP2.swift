internal import Logging
internal import NIOCore
internal import NIOHTTP2
internal import NIOHTTPTypesHTTP2
internal import Synchronization

extension EventChannel {
    /// Frames of one kind, and streams reset or in error, that a connection may send in half a minute. Beyond it the
    /// connection is closed with ENHANCE_YOUR_CALM: a flood of PING, SETTINGS or RST_STREAM ("rapid reset",
    /// CVE-2023-44487) costs it no more than that. A browser that scrolls through a page resets some streams, not
    /// hundreds.
    static let mostFramesInWindow = 200
    static let frameWindow: TimeAmount = .seconds(30)

    /// The bounds of a connection, none left to a default.
    static func http2(_ limits: ListenerLimits) -> NIOHTTP2Handler.Configuration {
        var configuration = NIOHTTP2Handler.Configuration()
        // As in HTTP/1.1: a little more than we take, so that it is refused with the right status.
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streamsPerConnection),
            HTTP2Setting(parameter: .maxHeaderListSize, value: 80 * 1024),
            HTTP2Setting(parameter: .initialWindowSize, value: 64 * 1024 - 1),
        ]
        configuration.connection.headerBlockValidation = .enabled
        configuration.connection.contentLengthValidation = .enabled
        configuration.connection.maximumSequentialEmptyDataFrames = 1
        // Answers to PING and SETTINGS that a client does not read.
        configuration.connection.maximumBufferedControlFrames = 1_000
        // With frames of 16 KiB: enough for the header list.
        configuration.connection.maximumSequentialContinuationFrames = 5
        configuration.connection.maximumRecentlyResetStreams = 32
        configuration.connection.maximumConnectionGlitches = 200
        configuration.connection.controlFrameRateLimit.maximumCount = mostFramesInWindow
        configuration.connection.controlFrameRateLimit.windowLength = frameWindow
        configuration.stream.streamResetFrameRateLimit.maximumCount = mostFramesInWindow
        configuration.stream.streamResetFrameRateLimit.windowLength = frameWindow
        configuration.stream.streamErrorRateLimit.maximumCount = mostFramesInWindow
        configuration.stream.streamErrorRateLimit.windowLength = frameWindow
        configuration.stream.outboundBufferSizeHighWatermark = 64 * 1024
        configuration.stream.outboundBufferSizeLowWatermark = 32 * 1024
        return configuration
    }

    func setupHTTP2(
        _ channel: any Channel,
        _ record: ConnectionRecord,
        _ logger: Logger
    ) -> EventLoopFuture<Negotiated> {
        channel.eventLoop.makeCompletedFuture {
            record.isMultiplexed.store(true, ordering: .relaxed)
            let manager = NIOHTTP2ServerConnectionManagementHandler(
                eventLoop: channel.eventLoop,
                configuration: .init(
                    maxIdleTime: TimeAmount(book.limits.idleTimeout),
                    maxAge: nil,
                    maxGraceTime: .seconds(10),
                    keepalive: .init(pingInterval: .seconds(60), ackTimeout: .seconds(20))
                )
            )
            let streams = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
                mode: .server,
                streamDelegate: StreamCount(record: record, manager: manager.http2StreamDelegate),
                frameDelegate: nil,
                configuration: Self.http2(book.limits)
            ) { stream in
                setupStream(stream)
            }
            try channel.pipeline.syncOperations.addHandlers(manager, EndHandler())
            return .http2(streams)
        }
    }

    private func setupStream(_ stream: any Channel) -> EventLoopFuture<HTTP1> {
        stream.eventLoop.makeCompletedFuture {
            let presence = ClientPresence()
            let pipeline = stream.pipeline.syncOperations
            try pipeline.addHandler(HTTP2FramePayloadToHTTPServerCodec())
            try pipeline.addHandler(StreamProgressHandler(book: book))
            try pipeline.addHandler(RequestHandler(book: book, presence: presence, record: nil))
            return HTTP1(channel: try .init(wrappingChannelSynchronously: stream), presence: presence)
        }
    }

    func serve(_ streams: NIOHTTP2Handler.AsyncStreamMultiplexer<HTTP1>, _ logger: Logger) async {
        do {
            try await withThrowingDiscardingTaskGroup { group in
                for try await stream in streams.inbound {
                    group.addTask { await serve(stream, logger) }
                }
            }
        } catch {
            logger.trace("an HTTP/2 connection failed", metadata: ["error": "\(error)"])
        }
    }
}

/// Closes a connection whose client has closed its side, for in HTTP/2 nothing can be said after that; and one with an
/// error: the codec has said GOAWAY and why by then, and leaves the rest to its user. For an error of one stream too: there
/// is no telling them apart here, and clients that keep to the protocol cause neither.
private final class EndHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Tells the record of a connection whether any of its streams is open.
private final class StreamCount: NIOHTTP2StreamDelegate {
    private let record: ConnectionRecord
    private let manager: any NIOHTTP2StreamDelegate
    private let open = Atomic(0)

    init(record: ConnectionRecord, manager: any NIOHTTP2StreamDelegate) {
        (self.record, self.manager) = (record, manager)
    }

    func streamCreated(_ id: HTTP2StreamID, channel: any Channel) {
        if open.add(1, ordering: .relaxed).newValue == 1 { record.set(.answering) }
        manager.streamCreated(id, channel: channel)
    }

    func streamClosed(_ id: HTTP2StreamID, channel: any Channel) {
        if open.subtract(1, ordering: .relaxed).newValue == 0 { record.set(.idle) }
        manager.streamClosed(id, channel: channel)
    }
}
