import Foundation

extension FakeAPIServer {
    /// What a list is answered with.
    enum Listing {
        case page(Page)
        /// The token is too old; this one continues at the newest version.
        case expired(freshToken: String)
        case invalidToken
        /// The version that was asked for is compacted.
        case gone
        /// The version that was asked for is not there yet.
        case tooLarge(version: String)

        /// A page of a list.
        struct Page {
            let items: [Store.Item]
            let version: Int
            let continueToken: String?
            let remaining: Int
        }
    }

    /// What is asked for with a list.
    struct ListQuery {
        var namespace: String?
        var limit: Int?
        var continueToken: String?
        var resourceVersion: Int?
        /// Whether the version is to be that one, and no newer.
        var isExact = false

        init(namespace: String? = nil, limit: Int? = nil, continueToken: String? = nil) {
            (self.namespace, self.limit, self.continueToken) = (namespace, limit, continueToken)
        }

        init(_ request: Request) {
            self.init(
                namespace: request.namespace,
                limit: request["limit"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil },
                continueToken: request["continue"].flatMap { $0.isEmpty ? nil : $0 }
            )
            resourceVersion = request["resourceVersion"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
            // Without a match, a version with a limit is taken exactly (the API reference, "Resource versions").
            isExact = request["resourceVersionMatch"].map { $0 == "Exact" } ?? (limit != nil)
        }
    }
}

extension FakeAPIServer.Store {
    /// The next page of a list, in the order of etcd's keys.
    func list(_ query: FakeAPIServer.ListQuery) -> FakeAPIServer.Listing {
        var start = ""
        var wanted = version
        if let text = query.continueToken {
            guard let token = ContinueToken(text) else { return .invalidToken }
            start = token.start
            if token.version != -1 {
                guard token.version >= compacted, token.version > newestExpiredToken, token.version <= version else {
                    return .expired(freshToken: ContinueToken(version: -1, start: start).encoded)
                }
                wanted = token.version
            }
        } else if let asked = query.resourceVersion {
            if asked > version { return .tooLarge(version: "\(asked)") }
            if query.isExact {
                if asked < compacted { return .gone }
                wanted = asked
            }
        }
        let prefix = query.namespace.map { $0 + "/" } ?? ""
        let matching = items(at: wanted).filter {
            (prefix.isEmpty || $0.key.hasPrefix(prefix)) && (start.isEmpty || $0.key >= start)
        }
        let items = Array(matching.prefix(query.limit ?? matching.count))
        let remaining = matching.count - items.count
        guard remaining > 0, let last = items.last else {
            return .page(.init(items: items, version: wanted, continueToken: nil, remaining: 0))
        }
        let token = ContinueToken(version: wanted, start: last.key + "\u{0}").encoded
        return .page(.init(items: items, version: wanted, continueToken: token, remaining: remaining))
    }

    /// What was there at a version that is not compacted, in the order of etcd's keys.
    private func items(at version: Int) -> [Item] {
        var items = items
        for change in changes.reversed().prefix(while: { $0.version > version }) {
            items[change.item.key] = change.previous
        }
        return items.values.sorted { $0.key < $1.key }
    }

    /// A continue token in the form of `meta.k8s.io/v1`.
    private struct ContinueToken {
        let version: Int
        let start: String

        init(version: Int, start: String) {
            self.version = version
            self.start = start
        }

        init?(_ encoded: String) {
            let padded = encoded + String(repeating: "=", count: (4 - encoded.count % 4) % 4)
            guard let data = Data(base64Encoded: padded),
                let content = try? JSONDecoder().decode(Content.self, from: data)
            else { return nil }
            version = content.rv
            start = content.start
        }

        private struct Content: Codable {
            var v = "meta.k8s.io/v1"
            let rv: Int
            let start: String
        }

        var encoded: String {
            let data = try? JSONEncoder().encode(Content(rv: version, start: start))
            return (data ?? Data()).base64EncodedString().replacing("=", with: "")
        }
    }
}
