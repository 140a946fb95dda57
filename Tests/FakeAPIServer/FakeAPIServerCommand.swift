import ArgumentParser
import Foundation
import TestSupport

/// `kee-fake-apiserver`: the API server of the tests as a process, which can be killed and goes on from its journal.
@main
struct FakeAPIServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kee-fake-apiserver",
        abstract: "An API server for events that makes them itself and fails as it is told. For tests only."
    )

    @Option(help: ArgumentHelp("The port on 127.0.0.1.", valueName: "port"))
    var port: Int

    @Option(help: ArgumentHelp("The folder of the journal, which is made if need be.", valueName: "dir"))
    var store: String

    @Option(help: ArgumentHelp("A file with the bearer token that is accepted; without it all are.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp("A PEM file with the certificate of the server; without it, plain HTTP.", valueName: "file")
    )
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("A PEM file with the key to it.", valueName: "file"))
    var tlsKey: String?

    @Option(help: ArgumentHelp("How many observations it makes, over all its starts.", valueName: "n"))
    var events = 0

    @Option(help: ArgumentHelp("How many of them in a second.", valueName: "n"))
    var rate = 100.0

    @Option(help: ArgumentHelp("How many events there are at once; the oldest expire.", valueName: "n"))
    var objects = 500

    @Option(help: ArgumentHelp("Makes the same events again.", valueName: "n"))
    var seed: UInt64 = 1

    @Flag(help: "Make no events until it is told to.")
    var paused = false

    func run() async throws {
        let generation = FakeAPIServer.EventGeneration(
            FakeAPIServer.EventPlan(events: events, rate: rate, objects: objects, seed: seed)
        )
        let server = try FakeAPIServer(
            security: try security(),
            journal: FakeAPIServer.Journal(in: store),
            port: port,
            control: FakeAPIServer.control(generator: generation, tokenFile: tokenFile)
        )
        try await server.start()
        server.keepRequests(1000)
        print("listening on \(server.url)")
        fflush(nil)
        generation.isPaused = paused
        generation.start(on: server)
        // Until it is killed: SIGTERM ends it at once too.
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    private func security() throws -> FakeAPIServer.Security {
        var certificate: (certificate: String, key: String)?
        if let tlsCertificate, let tlsKey { certificate = (tlsCertificate, tlsKey) }
        let token = try tokenFile.map { try FakeAPIServer.readToken($0) }
        return FakeAPIServer.Security(certificate: certificate, tokens: token.map { [$0] })
    }
}
