import EventSchema
import Postgres

/// The same rows by one prepared `INSERT ... SELECT unnest(...)`: no dictionaries, no tally, parameters made before the
/// clock starts. What is left is the server, and libpq sending bytes.
final class UnnestReference {
    private let connection: PostgresConnection
    private let backend: Int32
    private let clusters = EventDictionaries.clusters()
    private var dictionaries: [Int32: EventDictionaries] = [:]

    init(_ database: Database) async throws {
        connection = try await database.connect()
        backend = await connection.backendPID ?? 0
    }

    /// Processor time that its server process has used.
    func processorTime() -> Double? { CPUTime.ofProcess(backend) }

    func close() async { await connection.close() }

    /// Seconds that writing takes.
    func seconds(of batches: [GeneratedBatch]) async throws -> Double {
        var prepared: [PostgresParameters] = []
        for batch in batches { prepared.append(try await parameters(of: batch)) }
        let start = ContinuousClock.now
        for parameters in prepared {
            _ = try await connection.query(Self.statement, parameters, deadline: Database.deadline)
        }
        return (ContinuousClock.now - start).inSeconds
    }

    /// Name and type of each column, in the order in which they are appended.
    private static let columns: [(name: String, sql: String, type: PostgresType)] = [
        ("ts", "timestamptz", .timestamptz), ("id", "int8", .int8), ("rv", "int8", .int8), ("suffix", "int8", .int8),
        ("obj_rv", "int8", .int8), ("res", "int8", .int8), ("uid", "uuid", .uuid), ("obj_uid", "uuid", .uuid),
        ("cluster_id", "int4", .int4), ("ns_id", "int4", .int4), ("kind_id", "int4", .int4),
        ("reason_id", "int4", .int4), ("type_id", "int4", .int4), ("source_id", "int4", .int4),
        ("field_path_id", "int4", .int4), ("first_d", "int4", .int4), ("created_d", "int4", .int4),
        ("count", "int4", .int4), ("shape", "int4", .int4), ("name", "text", .text), ("message", "text", .text),
        ("extra", "jsonb", .jsonb), ("raw", "bytea", .bytea),
    ]

    private static let statement = PostgresStatement(
        """
        INSERT INTO bench.event_unnest (\(columns.map(\.name).joined(separator: ", ")))
        SELECT * FROM unnest(\(columns.indices.map { "$\($0 + 1)::\(columns[$0].sql)[]" }.joined(separator: ", ")))
        ON CONFLICT (ts, id) DO NOTHING
        """,
        parameterTypes: columns.map(\.type.array)
    )

    private func parameters(of batch: GeneratedBatch) async throws -> PostgresParameters {
        let rows = batch.events.map { EventRow($0, cluster: batch.cluster) }.sorted {
            ($0.time, $0.id) < ($1.time, $1.id)
        }
        let cluster = try await clusters.ids(of: [[batch.cluster]], on: connection, deadline: Database.deadline)[0]
        let known = dictionaries[cluster] ?? EventDictionaries(clusterID: cluster)
        dictionaries[cluster] = known
        func ids(_ dictionary: EventDictionary, _ key: (EventRow) -> EventDictionary.Key) async throws -> [Int32] {
            try await dictionary.ids(of: rows.map(key), on: connection, deadline: Database.deadline)
        }
        let namespaces = try await ids(known.namespaces) { [$0.namespace] }
        let kinds = try await ids(known.kinds) { [$0.kind.kind, $0.kind.apiVersion] }
        let reasons = try await ids(known.reasons) { [$0.reason] }
        let types = try await ids(known.types) { [$0.type] }
        let sources = try await ids(known.sources) {
            [$0.source.component, $0.source.host, $0.source.reportingComponent, $0.source.reportingInstance]
        }
        let paths = try await ids(known.fieldPaths) { [$0.fieldPath ?? ""] }

        var arrays = Self.columns.map { PostgresArray(of: $0.type) }
        for (index, row) in rows.enumerated() {
            arrays[0].append(timestampMicroseconds: row.time)
            let longs = [row.id, row.resourceVersion, row.nameSuffix, row.objectResourceVersion, row.object]
            for (column, value) in longs.enumerated() { arrays[1 + column].append(value) }
            arrays[6].append(uuid: row.uid.map { ($0.high, $0.low) })
            arrays[7].append(uuid: row.objectUID.map { ($0.high, $0.low) })
            let numbers = [
                cluster, namespaces[index], kinds[index], reasons[index], types[index], sources[index],
                row.fieldPath == nil ? nil : paths[index], row.firstBefore, row.createdBefore, row.count,
                row.shape.rawValue,
            ]
            for (column, value) in numbers.enumerated() { arrays[8 + column].append(value) }
            arrays[19].append(row.name)
            arrays[20].append(row.message)
            if let extra = row.extra { arrays[21].append(jsonb: extra) } else { arrays[21].appendNull() }
            if let raw = row.raw { arrays[22].append(bytea: raw) } else { arrays[22].appendNull() }
        }
        var parameters = PostgresParameters()
        for array in arrays { parameters.append(array) }
        return parameters
    }
}
