import EventModel
public import JSON

/// Events as `kubectl get events` prints them.
///
/// Source: kubernetes pkg/printers/internalversion/printers.go, printEvent, for the cells;
/// k8s.io/cli-runtime pkg/printers/tableprinter.go for what is made of them.
public enum EventTable {
    /// What the events of a table have in common, and what therefore needs no column.
    public enum Scope: Sendable, Equatable {
        /// Nothing: clusters and namespaces stand in front.
        case clusters
        /// The cluster; namespaces stand in front, as with `-A`.
        case cluster
        /// The namespace of that name.
        case namespace(String)
    }

    /// The table, with its header; without events the one line that kubectl has for it.
    /// - Parameters:
    ///   - items: core/v1 Events as JSON, each with `cluster`, separated by commas.
    ///   - now: microseconds since 1970, for the ages.
    /// - Throws: `JSONError` if the items are no JSON.
    public static func text(of items: [UInt8], in scope: Scope, now: Int64) throws(JSONError) -> [UInt8] {
        let events = try JSONDocument(parsing: [UInt8(ascii: "[")] + items + [UInt8(ascii: "]")]).root.elements
        var table = TextTable()
        var isEmpty = true
        for event in events {
            if isEmpty { table.add(leading(scope, "CLUSTER", "NAMESPACE") + header) }
            isEmpty = false
            let cluster = text(event["cluster"])
            let namespace = text(event["metadata"]?["namespace"])
            table.add(leading(scope, cell(cluster), cell(namespace)) + cells(event, now: now))
        }
        return isEmpty ? Array(nothing(in: scope).utf8) : table.text()
    }

    private static let header = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]

    private static func leading(_ scope: Scope, _ cluster: String, _ namespace: String) -> [String] {
        switch scope {
        case .clusters: [cluster, namespace]
        case .cluster: [namespace]
        case .namespace: []
        }
    }

    private static func nothing(in scope: Scope) -> String {
        switch scope {
        case .clusters, .cluster: "No resources found\n"
        case .namespace(let name): "No resources found in \(cell(name)) namespace.\n"
        }
    }

    private static func cells(_ event: JSONValue, now: Int64) -> [String] {
        let object = event["involvedObject"]
        let kind = text(object?["kind"]).lowercased()
        let name = text(object?["name"])
        return [
            lastSeen(event, now: now),
            cell(text(event["type"])),
            cell(text(event["reason"])),
            cell(name.isEmpty ? kind : "\(kind)/\(name)"),
            cell(trimmed(text(event["message"]))),
        ]
    }

    private static func lastSeen(_ event: JSONValue, now: Int64) -> String {
        if let series = event["series"], series.kind == .object { return age(series["lastObservedTime"], now: now) }
        for time in [event["lastTimestamp"], event["firstTimestamp"]] where moment(time) != nil {
            return age(time, now: now)
        }
        return age(event["eventTime"], now: now)
    }

    private static func age(_ time: JSONValue?, now: Int64) -> String {
        moment(time).map { HumanDuration.text(microseconds: now - $0) } ?? "<unknown>"
    }

    /// Nil also for the zero of Go's time.Time, which stands for no time.
    private static func moment(_ time: JSONValue?) -> Int64? {
        guard let moment = Timestamp(time)?.microseconds, moment != zero else { return nil }
        return moment
    }

    private static let zero = Timestamp("0001-01-01T00:00:00Z")?.microseconds

    private static func text(_ value: JSONValue?) -> String { value?.string ?? "" }

    /// Up to the first line's end, and without what would drive a terminal.
    private static func cell(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let end = scalars.firstIndex { $0 == "\n" || $0 == "\r" || $0 == "\u{0C}" }
        let line = String(scalars[..<(end ?? scalars.endIndex)])
        let isPlain = !line.utf8.contains(0x1B)
        let escaped = isPlain ? line : line.unicodeScalars.map { $0 == "\u{1B}" ? "^[" : String($0) }.joined()
        return end == nil ? escaped : escaped + "..."
    }

    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let start = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let end = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[start...end])
    }
}
