import HTTPTransfer
import JSON
import Testing

/// An answer, whole.
struct Answer: Sendable, CustomStringConvertible {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var description: String { "\(status) \(text.prefix(500))" }

    func json() throws -> JSONValue { try JSONDocument(parsing: body).root }

    /// The items of a list.
    func items() throws -> [JSONValue] {
        try #require(status == 200, "\(self)")
        return Array(try #require(try json()["items"]).elements)
    }
}

/// An answer that began and did not come to its end.
struct CutAnswer: Error {
    let status: Int
    let reason: HTTPTransferError
}

/// Asks a listener, as curl would.
struct QueryClient: Sendable {
    let address: String
    private let http = HTTPClient()

    init(_ address: String) { self.address = address }

    /// - Parameter agent: `User-Agent`; nil for none.
    /// - Throws: `HTTPTransferError` when there is no answer; `CutAnswer` when there is a part of one.
    func get(_ path: String, agent: String? = "kee-tests") async throws -> Answer {
        let request = HTTPRequest(
            url: "http://\(address)\(path)",
            headers: agent.map { [(name: "User-Agent", value: $0)] } ?? [],
            totalTimeout: .seconds(60)
        )
        let response = try await http.send(request)
        let body: [UInt8]
        do {
            body = try await response.body.collect(upTo: 64 << 20)
        } catch {
            throw CutAnswer(status: response.status, reason: error)
        }
        return Answer(status: response.status, headers: response.headers, body: body)
    }

    /// The items of all pages.
    func allItems(_ path: String, limit: Int = 1000) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var token: String?
        repeat {
            let question = "limit=\(limit)" + (token.map { "&continue=\($0)" } ?? "")
            let page = try await get(path + (path.contains("?") ? "&" : "?") + question)
            items += try page.items()
            token = try page.json()["metadata"]?["continue"]?.string
        } while token != nil
        return items
    }

    /// The value of the metric whose line begins so, 0 if there is none yet.
    func metric(_ series: String) async throws -> Double {
        let answer = try await get("/metrics")
        let line = answer.text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) } ?? 0
    }
}
