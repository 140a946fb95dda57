import Foundation

extension FakeAPIServer {
    /// What is asked under `/fake/`: the control of a server that runs as a process of its own. `docs/chaos.md` lists
    /// the commands.
    ///
    /// - Parameters:
    ///   - generator: what makes its events.
    ///   - tokenFile: where a rotated token is kept for the next start; nil for nowhere.
    public static func control(
        generator: EventGeneration,
        tokenFile: String? = nil
    ) -> @Sendable (FakeAPIServer, Request) -> Answer? {
        { server, request in
            guard request.path.hasPrefix("/fake/") else { return nil }
            let command = request.path.dropFirst("/fake/".count)
            let isKnown: Bool =
                switch command {
                case "status": true
                case "generator": pause(generator, request["paused"])
                case "create": create(server, generator, request)
                case "token": rotate(server, tokenFile, request["accept"])
                case "refuse": refuse(server, request)
                default: order(String(command), server, request)
                }
            guard isKnown else { return .bytes(Answer.json("400 Bad Request", "{\"unknown\":\"\(command)\"}\n")) }
            return .bytes(Answer.json("200 OK", status(of: server, generator)))
        }
    }

    private static func status(of server: FakeAPIServer, _ generator: EventGeneration) -> String {
        server.state.read { state in
            let store = state.store
            return
                "{\"version\":\(store.version),\"compacted\":\(store.compacted),\"observations\":\(store.observations),"
                + "\"live\":\(store.items.count),\"backup\":\(store.backupVersion.map { "\($0)" } ?? "null"),"
                + "\"watches\":\(state.watches.count),\"lists\":\(state.lists),"
                + "\"isDone\":\(store.observations >= generator.plan.events)}\n"
        }
    }

    /// Commands without an answer of their own.
    private static func order(_ command: String, _ server: FakeAPIServer, _ request: Request) -> Bool {
        switch command {
        case "compact": server.change { $0.store.compact(before: $0.store.version) }
        case "cut": server.cutWatches(after: request["after"] ?? "")
        case "end": server.endWatches()
        case "half-open": server.halfOpenConnections()
        case "backup": server.backUp()
        case "restore": server.restore(revisionBump: request["bump"].flatMap { Int($0) })
        case "accept": server.refuseNoMore()
        case "expire-tokens": server.expireTokens()
        case "stale": server.answerStaleWatches(with: request["answer"] == "empty" ? .emptyEnd : .expired)
        default: return false
        }
        return true
    }

    private static func pause(_ generator: EventGeneration, _ isPaused: String?) -> Bool {
        generator.isPaused = isPaused == "1"
        return true
    }

    private static func create(_ server: FakeAPIServer, _ generator: EventGeneration, _ request: Request) -> Bool {
        generator.create(request["count"].flatMap { Int($0) } ?? 1, in: server)
        return true
    }

    private static func rotate(_ server: FakeAPIServer, _ file: String?, _ token: String?) -> Bool {
        guard let token else { return false }
        if let file { try? Data(token.utf8).write(to: URL(fileURLWithPath: file), options: .atomic) }
        server.accept(tokens: [token])
        return true
    }

    private static func refuse(_ server: FakeAPIServer, _ request: Request) -> Bool {
        let answer: Answer
        switch request["status"] {
        case "403": answer = .forbidden
        case "429": answer = .tooManyRequests
        case "503": answer = .unavailable
        case "504": answer = .gatewayTimeout
        case "close": answer = .close
        default: return false
        }
        server.refuseNext(request["count"].flatMap { Int($0) } ?? 1, with: answer)
        return true
    }
}
