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
        /// Nothing is sent or read any more.
        private var isHalfOpen = false
        /// Whether the last request was for the control of this server, which stays reachable.
        private var isControl = false

        init(server: FakeAPIServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, [])
            case .body(let buffer):
                // etcd takes no object over 1.5 MB.
                guard body.count + buffer.readableBytes <= 2 << 20 else { return context.close(promise: nil) }
                body += buffer.readableBytesView
            case .end:
                guard let head, !isHalfOpen else { return }
                let request = Request(
                    method: head.method.rawValue,
                    uri: head.uri,
                    authorization: head.headers.first(name: "authorization"),
                    userAgent: head.headers.first(name: "user-agent"),
                    accept: head.headers.first(name: "accept"),
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
            switch signal {
            case .halfOpen: halfOpen(context)
            case .close: if !isControl { context.close(promise: nil) }
            case .changed, .end, .cut, .send: if watch != nil, !isHalfOpen { take(signal, context) }
            }
        }

        /// What is for open watches alone.
        private func take(_ signal: Signal, _ context: ChannelHandlerContext) {
            switch signal {
            case .halfOpen, .close: break
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

    private func halfOpen(_ context: ChannelHandlerContext) {
        guard !isControl else { return }
        isHalfOpen = true
        watch?.end?.cancel()
        context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
    }

    private func answer(_ request: FakeAPIServer.Request, _ context: ChannelHandlerContext) {
        if let answer = server.control?(server, request) {
            isControl = true
            return send(answer, context)
        }
        switch server.decide(request) {
        case .answer(let answer): send(answer, context)
        case .list(let listing): send(.list(listing, gzip: request.acceptsGzip), context)
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

    private func send(_ answer: FakeAPIServer.Answer, _ context: ChannelHandlerContext) {
        switch answer {
        case .bytes(let bytes): write(bytes, context)
        case .recorded(let name): write((try? Recordings.answer(name)) ?? [], context)
        case .close: context.close(promise: nil)
        case .truncated(let bytes):
            write(bytes, context)
            context.close(promise: nil)
        }
    }

    private func end(_ context: ChannelHandlerContext, after bytes: [UInt8] = []) {
        guard watch != nil else { return }
        watch?.end?.cancel()
        watch = nil
        server.watchClosed(context.channel)
        write(bytes + FakeAPIServer.Answer.lastChunk, context)
    }

    /// Sends what has changed since, as long as the client takes it.
    private func pump(_ context: ChannelHandlerContext) {
        while let watch, !isHalfOpen, context.channel.isWritable {
            let (changes, isExpired) = server.state.read { state in
                (
                    Array(state.store.changes(after: watch.version, limit: 200)),
                    watch.version < state.store.newestForgotten
                )
            }
            // A client that is slow can be overtaken by a compaction.
            if isExpired { return end(context, after: FakeAPIServer.Answer.chunks(FakeAPIServer.Answer.expiredFrame)) }
            guard let last = changes.last else { return }
            self.watch?.version = last.version
            var lines: [UInt8] = []
            for change in changes where watch.namespace.map({ change.item.key.hasPrefix($0 + "/") }) ?? true {
                lines += change.framePrefix
                lines += change.item.body
                lines += FakeAPIServer.Store.Change.frameSuffix
            }
            write(FakeAPIServer.Answer.chunks(lines), context)
        }
    }
}

extension FakeAPIServer.Store.Change {
    private static func prefix(_ kind: Kind) -> [UInt8] {
        Array((#"{"type":"\#(kind.rawValue)","object":{"# + FakeAPIServer.Event.typeMeta).utf8)
    }
    private static let prefixes = (added: prefix(.added), modified: prefix(.modified), deleted: prefix(.deleted))

    /// What stands before the body in the frame that tells of it.
    var framePrefix: [UInt8] {
        switch kind {
        case .added: Self.prefixes.added
        case .modified: Self.prefixes.modified
        case .deleted: Self.prefixes.deleted
        }
    }

    static let frameSuffix = Array("}\n".utf8)
}

extension FakeAPIServer {
    enum Decision {
        case answer(Answer)
        case list(Listing)
        case watch(from: Int, seconds: Int64?)
    }

    /// Notes a request and decides what becomes of it.
    func decide(_ request: Request) -> Decision {
        change { state in
            state.requests.append(request)
            if state.requests.count / 2 > state.requestsKept {
                state.requests.removeFirst(state.requests.count - state.requestsKept)
            }
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
            case .object: return .answer(state.objects.answer(request))
            case .lease: return .answer(state.leases.answer(request))
            case .namespace: return .answer(Self.kubeSystem(state.store))
            case .list:
                let query = ListQuery(request)
                if query.continueToken == nil, query.limit != 1 { state.lists += 1 }
                return .list(state.store.list(query))
            case .watch: return Self.watch(request, state)
            }
        }
    }

    private static func kubeSystem(_ store: Store) -> Answer {
        .bytes(
            Answer.json(
                "200 OK",
                #"{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"kube-system","uid":"\#(store.clusterUID)","#
                    + #""resourceVersion":"4","creationTimestamp":"2026-11-21T02:05:35Z","#
                    + #""labels":{"kubernetes.io/metadata.name":"kube-system"}},"#
                    + #""spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}"# + "\n"
            )
        )
    }

    private static func watch(_ request: Request, _ state: State) -> Decision {
        let seconds = request["timeoutSeconds"].flatMap { Int64($0) }
        guard let text = request["resourceVersion"], !text.isEmpty else {
            return .watch(from: state.store.version, seconds: seconds)
        }
        guard let version = Int(text) else { return .answer(.recorded("watch-bad-rv-nocache")) }
        guard version >= state.store.compacted else {
            switch state.staleAnswer {
            case .expired:
                return .answer(.bytes((try? Recordings.watch("watch-410-compacted-rv-nocache.http")) ?? []))
            case .emptyEnd:
                return .answer(.bytes(Array(Answer.head(["Transfer-Encoding: chunked"]).utf8) + Answer.lastChunk))
            }
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

extension FakeAPIServer.Answer {
    /// The line that ends a watch whose version is gone, as recorded.
    static let expiredFrame: [UInt8] =
        (try? Recordings.body(of: Recordings.watch("watch-410-compacted-rv-nocache.http"))) ?? []
}
