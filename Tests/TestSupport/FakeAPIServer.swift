import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// An API server for events on 127.0.0.1, that speaks the recorded bytes and fails as it is told.
///
/// It has lists in pages, watches, tokens and client certificates. Real servers were recorded; see `Recordings`.
public final class FakeAPIServer: Sendable {
    /// How the server knows its clients, and they it.
    public struct Security: Sendable {
        /// PEM files of the server's certificate and key; nil for plain HTTP.
        public var certificate: (certificate: String, key: String)?
        /// A PEM file of the authority that must have signed a client's certificate; nil if none is asked for.
        public var clientAuthority: String?
        /// The bearer tokens that are accepted; nil for any or none.
        public var tokens: Set<String>?

        /// Plain HTTP that takes everybody, unless said otherwise.
        public init(
            certificate: (certificate: String, key: String)? = nil,
            clientAuthority: String? = nil,
            tokens: Set<String>? = nil
        ) {
            self.certificate = certificate
            self.clientAuthority = clientAuthority
            self.tokens = tokens
        }
    }

    /// What is told to the connections.
    enum Signal: Sendable {
        /// There are changes to be sent.
        case changed
        /// End the watch cleanly.
        case end
        /// Close without a last chunk, after these bytes of body.
        case cut([UInt8])
        /// Send these bytes of body.
        case send([UInt8])
        /// Neither send nor read anything more.
        case halfOpen
        /// Close, whatever the connection is for.
        case close
    }

    /// A refusal that is still to be given.
    struct Refusal: Sendable {
        let kinds: Set<Request.Kind>
        let answer: Answer
        var count: Int
    }

    struct State: Sendable {
        var store = Store()
        var leases = Leases()
        var objects = Objects()
        var requests: [Request] = []
        /// How many of the requests are kept, about.
        var requestsKept = Int.max
        /// First pages of lists that were asked for, beyond mere looks with a limit of 1.
        var lists = 0
        var staleAnswer = StaleAnswer.expired
        var refusals: [Refusal] = []
        var tokens: Set<String>?
        var connections: [ObjectIdentifier: any Channel] = [:]
        /// Connections that have a watch open.
        var watches: Set<ObjectIdentifier> = []
        var listener: (any Channel)?
        var port = 0
        /// Connections that were ever accepted.
        var accepted = 0
    }

    let state: Observed<State>
    /// Where what happens is written down; nil for a server that lives only as long as its test.
    private let journal: Journal?
    /// What answers requests beside those about events; asked first, before tokens and refusals.
    let control: (@Sendable (FakeAPIServer, Request) -> Answer?)?
    private let tls: NIOSSLContext?

    /// A server that does not listen yet.
    ///
    /// - Parameters:
    ///   - journal: goes on from there, and writes down what happens; `store` is not used then.
    ///   - port: where it will listen; 0 for one that is free.
    ///   - control: answers what is for itself and not for an API server; nil for what is not its own.
    public init(
        security: Security = Security(),
        store: Store = Store(),
        journal: Journal? = nil,
        port: Int = 0,
        control: (@Sendable (FakeAPIServer, Request) -> Answer?)? = nil
    ) throws {
        var state = State(store: journal?.store ?? store)
        state.tokens = security.tokens
        state.port = port
        self.journal = journal
        self.control = control
        self.state = Observed(state)
        tls = try security.certificate.map { files in
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
            )
            if let authority = security.clientAuthority {
                configuration.certificateVerification = .noHostnameVerification
                configuration.trustRoots = .file(authority)
            }
            return try NIOSSLContext(configuration: configuration)
        }
    }

    /// Runs a server as long as `body` does.
    public static func run<Result: Sendable>(
        security: Security = Security(),
        store: Store = Store(),
        while body: (FakeAPIServer) async throws -> Result
    ) async throws -> Result {
        let server = try FakeAPIServer(security: security, store: store)
        try await server.start()
        let result: Result
        do {
            result = try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
        return result
    }

    /// Where it listens, or will again.
    public var url: String { (tls == nil ? "http" : "https") + "://127.0.0.1:\(state.read(\.port))" }

    /// Listens: on a free port the first time, on the same one again after `stop`.
    public func start() async throws {
        let known = state.read(\.port)
        // A process that another test is just starting holds copies of all sockets until its exec.
        let ports = known == 0 ? RestartablePort.candidates() : Array(repeating: known, count: 200)
        let listener = try await bind(toOneOf: ports)
        state.change { state in
            state.listener = listener
            state.port = listener.localAddress?.port ?? 0
        }
    }

    private func bind(toOneOf ports: [Int]) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = self.tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try pipeline.addHandler(Connection(server: self))
                    self.opened(channel)
                }
            }
        for port in ports.dropLast() {
            do {
                return try await bootstrap.bind(host: "127.0.0.1", port: port).get()
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        return try await bootstrap.bind(host: "127.0.0.1", port: ports[ports.count - 1]).get()
    }

    /// Goes away like a process that is killed: open watches end without their last chunk.
    public func stop() async {
        let (listener, connections) = state.change { state in
            defer {
                state.listener = nil
                state.connections = [:]
                state.watches = []
            }
            return (state.listener, state.connections.values)
        }
        try? await listener?.close().get()
        for connection in connections { try? await connection.close().get() }
    }

    /// Goes away and comes back on the same port with the same events.
    public func restart() async throws {
        await stop()
        try await start()
    }

    private func opened(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        state.change { state in
            state.connections[id] = channel
            state.accepted += 1
        }
        channel.closeFuture.whenComplete { _ in
            self.state.change { state in
                state.connections[id] = nil
                state.watches.remove(id)
            }
        }
    }

    /// Changes the state. What happens to the store is written down before anybody can see it.
    @discardableResult
    func change<Result>(_ body: (inout State) -> Result) -> Result {
        state.change { state in
            let result = body(&state)
            if let journal, let unwritten = state.store.unwritten, !unwritten.isEmpty {
                journal.append(unwritten)
                state.store.unwritten = []
            }
            return result
        }
    }

    /// Tells all open watches, and returns how many there are.
    @discardableResult
    func signal(_ signal: Signal) -> Int {
        let channels = state.read { state in state.watches.compactMap { state.connections[$0] } }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(signal) }
        return channels.count
    }
}
