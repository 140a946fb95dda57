import HTTPTransfer
import JSON

/// Orders to the fake API server, and what it says of itself.
struct ServerControl: Sendable {
    /// How it is.
    struct Status: Sendable {
        let observations: Int
        let lists: Int
        let watches: Int
        let isDone: Bool
    }

    let url: String
    private let http = HTTPClient()

    init(url: String) { self.url = url }

    /// Gives an order and returns how the server is then. A busy machine with a server that is just frozen takes its time.
    ///
    /// - Throws: `HTTPTransferError` if the server does not answer.
    @discardableResult
    func order(_ command: String, within limit: Duration = .seconds(60)) async throws -> Status {
        let response = try await http.send(HTTPRequest(url: "\(url)/fake/\(command)", totalTimeout: limit))
        let body = try await response.body.collect(upTo: 64 << 10)
        let root = try JSONDocument(parsing: body).root
        guard response.status == 200, let observations = root["observations"]?.int64, let lists = root["lists"]?.int64,
            let watches = root["watches"]?.int64
        else { throw ChaosFailure("the fake API server does not know \(command)") }
        return Status(
            observations: Int(observations),
            lists: Int(lists),
            watches: Int(watches),
            isDone: root["isDone"]?.bool ?? false
        )
    }
}
