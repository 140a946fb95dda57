import HTTPTypes
import NIOCore
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP2
import NIOPosix
import NIOSSL
import TestSupport

/// A connection in HTTP/2 over TLS.
struct HTTP2Client {
    typealias Stream = NIOAsyncChannel<HTTPResponsePart, HTTPRequestPart>

    let channel: any Channel
    private let streams: NIOHTTP2Handler.AsyncStreamMultiplexer<Void>

    /// - Parameter window: bytes that the server may send in a stream before it is read.
    init(port: Int, window: Int = 65_535) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(try Certificates.shared().authority.certificate)
        configuration.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: configuration)
        var http2 = NIOHTTP2Handler.Configuration()
        http2.connection.initialSettings =
            nioDefaultSettings + [
                HTTP2Setting(parameter: .initialWindowSize, value: window)
            ]
        http2.stream.targetWindowSize = window
        (channel, streams) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { [http2] channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    let streams = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
                        mode: .client,
                        configuration: http2
                    ) { $0.eventLoop.makeSucceededVoidFuture() }
                    return (channel, streams)
                }
            }
    }

    func open() async throws -> Stream {
        try await streams.openStream { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(HTTP2FramePayloadToHTTPClientCodec())
                return try Stream(wrappingChannelSynchronously: stream)
            }
        }
    }

    static func request(_ path: String) -> HTTPRequest {
        HTTPRequest(method: .get, scheme: "https", authority: "localhost", path: path)
    }

    /// Status and body.
    func get(_ path: String) async throws -> (Int, String) {
        try await open().executeThenClose { inbound, outbound in
            try await outbound.write(.head(Self.request(path)))
            try await outbound.write(.end(nil))
            var (status, body) = (0, "")
            for try await part in inbound {
                switch part {
                case .head(let head): status = head.status.code
                case .body(let bytes): body += String(buffer: bytes)
                case .end: break
                }
            }
            return (status, body)
        }
    }

    /// Writes a frame of the connection itself.
    func write(_ payload: HTTP2Frame.FramePayload) async throws {
        try await channel.writeAndFlush(HTTP2Frame(streamID: .rootStream, payload: payload))
    }

    func close() async { try? await channel.close() }
}
