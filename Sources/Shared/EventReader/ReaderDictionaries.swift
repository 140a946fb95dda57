import EventSchema
import Postgres

/// The texts behind the ids, ready to be written as JSON. A value: a page is encoded with one copy of it.
struct ReaderDictionaries: Sendable {
    struct Kind: Sendable {
        let kind: JSONText
        let apiVersion: JSONText
    }

    private(set) var clusters: [Int32: JSONText] = [:]
    private(set) var namespaces: [Int32: JSONText] = [:]
    private(set) var kinds: [Int32: Kind] = [:]
    private(set) var reasons: [Int32: JSONText] = [:]
    private(set) var types: [Int32: JSONText] = [:]
    private(set) var sources: [Int32: SourceText] = [:]
    private(set) var fieldPaths: [Int32: JSONText] = [:]

    /// When one dictionary has more entries than this, they are forgotten and looked up again as needed.
    static let limit = 100_000

    /// Ids that a page mentions and the dictionaries do not know.
    struct Missing: Sendable {
        var clusters: Set<Int32> = []
        var namespaces: Set<Int32> = []
        var kinds: Set<Int32> = []
        var reasons: Set<Int32> = []
        var types: Set<Int32> = []
        var sources: Set<Int32> = []
        var fieldPaths: Set<Int32> = []

        var isEmpty: Bool {
            clusters.isEmpty && namespaces.isEmpty && kinds.isEmpty && reasons.isEmpty && types.isEmpty
                && sources.isEmpty && fieldPaths.isEmpty
        }
    }

    /// Looks up what is missing.
    ///
    /// - Throws: `PostgresError`.
    mutating func load(
        _ missing: Missing,
        on connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        func rows(
            _ ids: Set<Int32>,
            _ statement: PostgresStatement
        ) async throws(PostgresError) -> PostgresResult? {
            guard !ids.isEmpty else { return nil }
            var array = PostgresArray(of: .int4)
            for id in ids { array.append(id) }
            var parameters = PostgresParameters()
            parameters.append(array)
            return try await connection.query(statement, parameters, deadline: deadline)
        }
        try await Self.add(rows(missing.clusters, Self.clusterTexts), to: &clusters) { JSONText($0.text($1, 1)) }
        try await Self.add(rows(missing.namespaces, Self.namespaceTexts), to: &namespaces) { JSONText($0.text($1, 1)) }
        try await Self.add(rows(missing.kinds, Self.kindTexts), to: &kinds) {
            Kind(kind: JSONText($0.text($1, 1)), apiVersion: JSONText($0.text($1, 2)))
        }
        try await Self.add(rows(missing.reasons, Self.reasonTexts), to: &reasons) { JSONText($0.text($1, 1)) }
        try await Self.add(rows(missing.types, Self.typeTexts), to: &types) { JSONText($0.text($1, 1)) }
        try await Self.add(rows(missing.sources, Self.sourceTexts), to: &sources) {
            SourceText(
                EventSource(
                    component: $0.text($1, 1),
                    host: $0.text($1, 2),
                    reportingComponent: $0.text($1, 3),
                    reportingInstance: $0.text($1, 4)
                )
            )
        }
        try await Self.add(rows(missing.fieldPaths, Self.fieldPathTexts), to: &fieldPaths) { JSONText($0.text($1, 1)) }
    }

    private static func add<Value>(
        _ result: PostgresResult?,
        to dictionary: inout [Int32: Value],
        _ value: (PostgresResult, Int) -> Value
    ) {
        guard let result else { return }
        if dictionary.count + result.rowCount > limit { dictionary.removeAll() }
        for row in 0..<result.rowCount { dictionary[result.int32(row, 0)] = value(result, row) }
    }

    private static func texts(_ table: String, _ columns: String) -> PostgresStatement {
        let id = columns.prefix { $0 != "," }
        return PostgresStatement(
            "SELECT \(columns) FROM kee.\(table) WHERE \(id) = ANY ($1)",
            parameterTypes: [.int4.array]
        )
    }

    private static let clusterTexts = texts("cluster", "cluster_id, name")
    private static let namespaceTexts = texts("namespace", "ns_id, name")
    private static let kindTexts = texts("kind", "kind_id, kind, api_version")
    private static let reasonTexts = texts("reason", "reason_id, name")
    private static let typeTexts = texts("event_type", "type_id, name")
    private static let sourceTexts = texts(
        "source",
        "source_id, component, host, reporting_component, reporting_instance"
    )
    private static let fieldPathTexts = texts("field_path", "field_path_id, path")
}
