import NIOCore
import NIOHTTP1

extension FakeAPIServer {
    /// One connection: requests in, raw bytes out.
    ///
    /// A watch reads the server's changes from where it stands, whenever there are some and the client takes them.
    final class Connection: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = ByteBuffer

        private struct Watch {
            var version: Int
            let namespace: String?
            var end: Scheduled<Void>?
        }

        private let server: FakeAPIServer
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []
        private var watch: Watch?

        init(server: FakeAPIServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let bytes): body += bytes.readableBytesView
            case .end:
                guard let head else { return }
                let request = Request(
                    method: head.method.rawValue,
                    uri: head.uri,
                    authorization: head.headers.first(name: "authorization"),
                    userAgent: head.headers.first(name: "user-agent"),
                    acceptsGzip: head.headers.contains {
                        $0.name.lowercased() == "accept-encoding" && $0.value.contains("gzip")
                    },
                    clientName: FakeAPIServer.clientName(context.pipeline),
                    body: body
                )
                answer(request, context)
            }
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) { pump(context) }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard let signal = event as? Signal else { return context.fireUserInboundEventTriggered(event) }
            guard watch != nil else { return }
            switch signal {
            case .changed: pump(context)
            case .send(let bytes): write(Answer.chunks(bytes), context)
            case .end:
                pump(context)
                end(context)
            case .cut(let bytes):
                write(Answer.chunks(bytes), context)
                context.close(promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // A handshake that failed, or a client that went away: its own affair.
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { watch?.end?.cancel() }
    }
}

extension FakeAPIServer.Connection {
    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        guard !bytes.isEmpty else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func answer(_ request: FakeAPIServer.Request, _ context: ChannelHandlerContext) {
        switch server.decide(request) {
        case .answer(.bytes(let bytes)): write(bytes, context)
        case .answer(.recorded(let name)): write((try? Recordings.answer(name)) ?? [], context)
        case .answer(.close): context.close(promise: nil)
        case .answer(.truncated(let bytes)):
            write(bytes, context)
            context.close(promise: nil)
        case .watch(let version, let seconds):
            write(Array(FakeAPIServer.Answer.head(["Transfer-Encoding: chunked"]).utf8), context)
            watch = Watch(version: version, namespace: request.namespace)
            if let seconds {
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                watch?.end = context.eventLoop.scheduleTask(in: .seconds(seconds)) {
                    let (connection, context) = bound.value
                    connection.end(context)
                }
            }
            server.watchOpened(context.channel)
            pump(context)
        }
    }

    private func end(_ context: ChannelHandlerContext) {
        guard watch != nil else { return }
        watch?.end?.cancel()
        watch = nil
        server.watchClosed(context.channel)
        write(FakeAPIServer.Answer.lastChunk, context)
    }

    /// Sends what has changed since, as long as the client takes it.
    private func pump(_ context: ChannelHandlerContext) {
        while let watch, context.channel.isWritable {
            let changes = server.state.read { Array($0.store.changes(after: watch.version, limit: 200)) }
            guard let last = changes.last else { return }
            self.watch?.version = last.version
            var lines = ""
            for change in changes where watch.namespace == nil || change.event.namespace == watch.namespace {
                let object = change.event.json(resourceVersion: change.version, isItem: false)
                lines += "{\"type\":\"\(change.kind.rawValue)\",\"object\":\(object)}\n"
            }
            write(FakeAPIServer.Answer.chunks(Array(lines.utf8)), context)
        }
    }
}

extension FakeAPIServer {
    enum Decision {
        case answer(Answer)
        case watch(from: Int, seconds: Int64?)
    }

    /// Notes a request and decides what becomes of it.
    func decide(_ request: Request) -> Decision {
        state.change { state in
            state.requests.append(request)
            if let tokens = state.tokens,
                !tokens.contains(where: { request.authorization == "Bearer \($0)" })
            {
                return .answer(.unauthorized)
            }
            if let index = state.refusals.firstIndex(where: { $0.kinds.contains(request.kind) }) {
                state.refusals[index].count -= 1
                let answer = state.refusals[index].answer
                if state.refusals[index].count == 0 { state.refusals.remove(at: index) }
                return .answer(answer)
            }
            switch request.kind {
            case .version: return .answer(.recorded("version"))
            case .other: return .answer(.recorded("http-404-resource"))
            case .lease: return .answer(state.leases.answer(request))
            case .namespace: return .answer(.bytes(Answer.kubeSystem))
            case .list: return .answer(Self.list(request, &state.store))
            case .watch: return Self.watch(request, state.store)
            }
        }
    }

    private static func list(_ request: Request, _ store: inout Store) -> Answer {
        let listing = store.list(
            namespace: request.namespace,
            limit: request["limit"].flatMap { Int($0) },
            continueToken: request["continue"]
        )
        switch listing {
        case .page(let page): return .bytes(Answer.list(page, gzip: request.acceptsGzip))
        case .expired(let token): return .bytes(Answer.expired(freshToken: token))
        case .invalidToken: return .recorded("list-continue-garbage")
        }
    }

    private static func watch(_ request: Request, _ store: Store) -> Decision {
        let seconds = request["timeoutSeconds"].flatMap { Int64($0) }
        guard let text = request["resourceVersion"], !text.isEmpty else {
            return .watch(from: store.version, seconds: seconds)
        }
        guard let version = Int(text) else { return .answer(.recorded("watch-bad-rv-nocache")) }
        guard version >= store.compacted else {
            return .answer(.bytes((try? Recordings.watch("watch-410-compacted-rv-nocache.http")) ?? []))
        }
        return .watch(from: version, seconds: seconds)
    }

    func watchOpened(_ channel: any Channel) {
        state.change { _ = $0.watches.insert(ObjectIdentifier(channel)) }
    }

    func watchClosed(_ channel: any Channel) {
        state.change { _ = $0.watches.remove(ObjectIdentifier(channel)) }
    }
}
