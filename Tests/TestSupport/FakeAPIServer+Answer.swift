import Foundation

extension FakeAPIServer {
    /// What the server does with a request that it is told to treat specially.
    public enum Answer: Sendable {
        /// Raw bytes, status line and headers included.
        case bytes([UInt8])
        /// The recorded answer of that name.
        case recorded(String)
        /// Closes the connection without a byte, as a server whose etcd is frozen does.
        case close
        /// Sends these bytes and then closes.
        case truncated([UInt8])

        /// 401 for a token that is not known.
        public static let unauthorized = Answer.recorded("http-401-badtoken")
        /// 403.
        public static let forbidden = Answer.recorded("http-403-forbidden")
        /// 429 as text with `Retry-After: 1`.
        public static let tooManyRequests = Answer.recorded("http-429-queue-full")
        /// 504 as text that is JSON without a kind.
        public static let gatewayTimeout = Answer.recorded("http-list-etcd-frozen-default")
        /// 410 for a list.
        public static let gone = Answer.recorded("http-410-list-exact")
        /// 503 as text, as a server that is shutting down sends it.
        public static let unavailable = Answer.bytes(
            Array(
                "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nshutting down\n"
                    .utf8
            )
        )
    }

    /// A request that came in whole.
    public struct Request: Sendable, Equatable, CustomStringConvertible {
        /// What is asked for.
        public enum Kind: Sendable { case list, watch, version, lease, namespace, object, other }

        /// The method, such as `GET`.
        public let method: String
        /// Path and query as they came.
        public let uri: String
        /// The value of `Authorization`.
        public let authorization: String?
        /// The value of `User-Agent`.
        public let userAgent: String?
        /// The value of `Accept`.
        public let accept: String?
        /// Whether `Accept-Encoding` names gzip.
        public let acceptsGzip: Bool
        /// The subject of the client's certificate, such as `CN=me`; nil if it showed none.
        public let clientName: String?
        /// The body, empty if there was none.
        public let body: [UInt8]

        /// Path and query.
        public var description: String { uri }

        /// The path without the query.
        public var path: String { String(uri.prefix { $0 != "?" }) }

        /// A parameter of the query, decoded.
        public subscript(_ name: String) -> String? {
            for pair in uri.drop(while: { $0 != "?" }).dropFirst().split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts[0] == name { return (parts.count > 1 ? String(parts[1]) : "").removingPercentEncoding }
            }
            return nil
        }

        /// What is asked for.
        public var kind: Kind {
            if path.hasPrefix("/apis/coordination.k8s.io/v1/namespaces/") { return .lease }
            guard method == "GET" else { return .other }
            if path == "/version" { return .version }
            if path == "/api/v1/namespaces/kube-system" { return .namespace }
            guard path.hasPrefix("/api/v1/"), path.hasSuffix("/events") else {
                return path.hasPrefix("/api/") || path.hasPrefix("/apis/") ? .object : .other
            }
            return ["1", "true"].contains(self["watch"]) ? .watch : .list
        }

        /// The namespace of the path, nil for all.
        var namespace: String? {
            let parts = path.split(separator: "/")
            return parts.count == 5 && parts[2] == "namespaces" ? String(parts[3]) : nil
        }
    }
}

extension FakeAPIServer.Answer {
    /// The headers that real servers send, before an answer that is made here.
    static func head(_ more: [String]) -> String {
        let headers =
            [
                "HTTP/1.1 200 OK", "Audit-Id: 7dca3fb1-ae72-4f10-b923-305e2bcd18a6",
                "Cache-Control: no-cache, private", "Content-Type: application/json",
                "X-Kubernetes-Pf-Flowschema-Uid: d01c9595-cf69-4bf0-a5a1-9aba4198673b",
                "X-Kubernetes-Pf-Prioritylevel-Uid: 6ef4e594-27d6-44a9-baf8-7bea96ad41a3",
                "Date: Sat, 21 Nov 2026 02:14:38 GMT",
            ] + more
        return headers.joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// Chunks of 2048 bytes, as Go's HTTP server cuts a body that is longer than its buffer.
    static func chunks(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(body.count + (body.count / 2048 + 1) * 8)
        for start in stride(from: 0, to: body.count, by: 2048) {
            let chunk = body[start..<min(start + 2048, body.count)]
            result += Array((String(chunk.count, radix: 16) + "\r\n").utf8)
            result += chunk
            result += [13, 10]
        }
        return result
    }

    static let lastChunk = Array("0\r\n\r\n".utf8)

    /// A list; gzip beyond 128 KiB when the client takes it, as real servers do.
    static func list(_ page: FakeAPIServer.Listing.Page, gzip: Bool) -> [UInt8] {
        var metadata = "\"resourceVersion\":\"\(page.version)\""
        if let token = page.continueToken { metadata += ",\"continue\":\"\(token)\"" }
        if page.remaining > 0 { metadata += ",\"remainingItemCount\":\(page.remaining)" }
        var body = Array("{\"kind\":\"EventList\",\"apiVersion\":\"v1\",\"metadata\":{\(metadata)},\"items\":[".utf8)
        body.reserveCapacity(body.count + page.items.reduce(8) { $0 + $1.body.count + 2 })
        for (position, item) in page.items.enumerated() {
            if position > 0 { body.append(UInt8(ascii: ",")) }
            body.append(UInt8(ascii: "{"))
            body += item.body
        }
        body += Array("]}\n".utf8)
        if gzip, body.count > 128 << 10 {
            let packed = FakeAPIServer.gzip(body)
            let head = head(["Content-Encoding: gzip", "Vary: Accept-Encoding", "Transfer-Encoding: chunked"])
            return Array(head.utf8) + chunks(packed) + lastChunk
        }
        if body.count < 2048 { return Array(head(["Content-Length: \(body.count)"]).utf8) + body }
        return Array(head(["Transfer-Encoding: chunked"]).utf8) + chunks(body) + lastChunk
    }

    /// What a list is answered with.
    static func list(_ listing: FakeAPIServer.Listing, gzip: Bool) -> FakeAPIServer.Answer {
        switch listing {
        case .page(let page): return .bytes(list(page, gzip: gzip))
        case .expired(let token): return .bytes(expired(freshToken: token))
        case .invalidToken: return .recorded("list-continue-garbage")
        case .gone: return .gone
        case .tooLarge(let version): return .bytes(tooLarge(version: version))
        }
    }

    /// 504 for a version that is not there yet.
    private static func tooLarge(version: String) -> [UInt8] {
        let recorded = (try? Recordings.answer("list-future-rv")) ?? []
        let text = String(decoding: Recordings.body(of: recorded), as: UTF8.self)
        return json("504 Gateway Timeout", text.replacing("99999999", with: version))
    }

    /// An answer of JSON.
    static func json(_ status: String, _ body: String) -> [UInt8] {
        Array(
            ("HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
                .utf8
        )
    }

    /// 410 for a continue token, with the fresh one inside.
    static func expired(freshToken: String) -> [UInt8] {
        let recorded = (try? Recordings.answer("http-410-continue-expired")) ?? []
        let text = String(decoding: Recordings.body(of: recorded), as: UTF8.self)
        let body = text.replacing(/"continue":"[^"]*"/, with: "\"continue\":\"\(freshToken)\"", maxReplacements: 1)
        return json("410 Gone", body)
    }
}
