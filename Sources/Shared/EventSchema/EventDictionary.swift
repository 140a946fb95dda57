public import Postgres
import Synchronization

/// Texts that occur over and over, each with the int4 that stands for it in `kee.event`.
///
/// Missing texts are inserted only after a select has missed them: an identity burns a number for every row that ON
/// CONFLICT refuses, and authors of events invent kinds, types and reasons.
public final class EventDictionary: Sendable {
    /// Each key has as many texts as the table has text columns.
    public typealias Key = [String]

    /// How many entries are remembered; when there are more, all are forgotten and looked up again.
    public static let cacheLimit = 100_000

    private let cache = Mutex<[Key: Int32]>([:])
    private let lookup: PostgresStatement
    private let insertion: PostgresStatement
    private let columnCount: Int
    private let scope: Int32?
    private let table: String

    /// - Parameters:
    ///   - table: without the schema.
    ///   - scope: the value of an int4 column `cluster_id` that all keys share, if the table has one.
    public init(table: String, id: String, columns: [String], scope: Int32? = nil) {
        self.scope = scope
        self.table = table
        columnCount = columns.count
        let arrays = columns.indices.map { "$\($0 + 1)::text[]" }.joined(separator: ", ")
        let match = columns.map { "d.\($0) = w.\($0)" }.joined(separator: " AND ")
        let names = columns.joined(separator: ", ")
        let types = Array(repeating: PostgresType.text.array, count: columns.count) + (scope == nil ? [] : [.int4])
        let scopeParameter = "$\(columns.count + 1)"
        lookup = PostgresStatement(
            """
            SELECT w.position::int4, d.\(id) FROM unnest(\(arrays)) WITH ORDINALITY AS w(\(names), position)
            JOIN kee.\(table) d ON \(match)\(scope == nil ? "" : " AND d.cluster_id = \(scopeParameter)")
            """,
            parameterTypes: types
        )
        insertion = PostgresStatement(
            """
            INSERT INTO kee.\(table) (\(names)\(scope == nil ? "" : ", cluster_id"))
            SELECT *\(scope == nil ? "" : ", \(scopeParameter)") FROM unnest(\(arrays)) ON CONFLICT DO NOTHING
            """,
            parameterTypes: types
        )
    }

    /// The ids of keys, in their order; missing ones are added to the dictionary.
    ///
    /// To be called outside a transaction: what is rolled back must not be remembered.
    ///
    /// - Throws: `PostgresError`; `SchemaError.dictionaryLostAnEntry` if somebody deletes from dictionaries.
    public func ids(
        of keys: [Key],
        on connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws -> [Int32] {
        var known = cache.withLock { cache in keys.map { cache[$0] } }
        guard known.contains(where: { $0 == nil }) else { return known.compactMap(\.self) }
        let wanted = Set(keys.indices.filter { known[$0] == nil }.map { keys[$0] })
        var found = try await find(wanted, connection, deadline)
        // Sorted, so that two writers who add the same texts never wait for each other in a circle.
        let new = wanted.filter { found[$0] == nil }.sorted { $0.lexicographicallyPrecedes($1) }
        if !new.isEmpty {
            _ = try await connection.query(insertion, parameters(new), deadline: deadline)
            found.merge(try await find(Set(new), connection, deadline)) { first, _ in first }
        }
        cache.withLock { cache in
            if cache.count + found.count > Self.cacheLimit { cache.removeAll() }
            cache.merge(found) { first, _ in first }
        }
        for index in keys.indices where known[index] == nil { known[index] = found[keys[index]] }
        let ids = known.compactMap(\.self)
        guard ids.count == keys.count else { throw SchemaError.dictionaryLostAnEntry(table) }
        return ids
    }

    private func find(
        _ keys: Set<Key>,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Key: Int32] {
        let ordered = Array(keys)
        let result = try await connection.query(lookup, parameters(ordered), deadline: deadline)
        var found: [Key: Int32] = [:]
        for row in 0..<result.rowCount { found[ordered[Int(result.int32(row, 0)) - 1]] = result.int32(row, 1) }
        return found
    }

    private func parameters(_ keys: [Key]) -> PostgresParameters {
        var parameters = PostgresParameters()
        for column in 0..<columnCount {
            var array = PostgresArray(of: .text)
            for key in keys { array.append(key[column]) }
            parameters.append(array)
        }
        if let scope { parameters.append(scope) }
        return parameters
    }
}
