import ArgumentParser
import EventRoutes
import Listener
import Settings

/// `--tls-...`, `--max-...`, `--trusted-proxy`, `--cors-origin`: how the event listener meets its clients.
struct ListenerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The listener's certificate in PEM, and those that signed it; read again when it changes. Then it serves"
                + " HTTPS, in HTTP/2 and HTTP/1.1.",
            valueName: "file"
        )
    )
    var tlsCertFile: String?

    @Option(help: ArgumentHelp("The certificate's key in PEM, without a passphrase.", valueName: "file"))
    var tlsKeyFile: String?

    @Option(help: ArgumentHelp("Connections at once, 1 to 1000000.", valueName: "number"))
    var maxConnections = ListenerLimits().connections

    @Option(
        help: ArgumentHelp(
            "Connections at once from one address that is no trusted proxy; 0 for no bound.",
            valueName: "number"
        )
    )
    var maxConnectionsPerAddress = ListenerLimits().connectionsPerAddress

    @Option(help: ArgumentHelp("Requests under way at once, 1 to 100000; 503 beyond it.", valueName: "number"))
    var maxRequestsInFlight = ListenerLimits().requestsInFlight

    @Option(
        help: ArgumentHelp(
            "Addresses of proxies whose X-Forwarded-For or Forwarded is believed. Can be repeated.",
            valueName: "range"
        ),
        transform: { text in try AddressRange(parsing: text) }
    )
    var trustedProxy: [AddressRange] = []

    @Option(
        help: ArgumentHelp(
            "An origin whose web pages may read the answers, or '*' for all. Can be repeated.",
            valueName: "origin"
        )
    )
    var corsOrigin: [String] = []

    func limits() throws -> ListenerLimits {
        guard (1...1_000_000).contains(maxConnections) else {
            throw ProgramExit.usage("--max-connections \(maxConnections) is not from 1 to 1000000")
        }
        guard (0...1_000_000).contains(maxConnectionsPerAddress) else {
            throw ProgramExit.usage(
                "--max-connections-per-address \(maxConnectionsPerAddress) is not from 0 to 1000000"
            )
        }
        guard (1...100_000).contains(maxRequestsInFlight) else {
            throw ProgramExit.usage("--max-requests-in-flight \(maxRequestsInFlight) is not from 1 to 100000")
        }
        var limits = ListenerLimits()
        limits.connections = maxConnections
        limits.connectionsPerAddress = maxConnectionsPerAddress
        limits.requestsInFlight = maxRequestsInFlight
        limits.trustedProxies = trustedProxy
        return limits
    }

    /// The two files, nil for plain HTTP.
    func tlsFiles() throws(ProgramExit) -> (certificate: String, key: String)? {
        switch (tlsCertFile, tlsKeyFile) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return (certificate, key)
        case (_?, nil): throw .usage("--tls-cert-file is given without --tls-key-file")
        case (nil, _?): throw .usage("--tls-key-file is given without --tls-cert-file")
        }
    }

    func cors() throws(ProgramExit) -> CORSPolicy? {
        guard !corsOrigin.isEmpty else { return nil }
        do {
            return try CORSPolicy(origins: corsOrigin)
        } catch {
            throw .usage("--cors-origin: \(error)")
        }
    }
}
