import EventSchema
import JSON
import Postgres

/// Writes rows as they come from the database, as JSON or CSV.
struct PageEncoder {
    let dictionaries: ReaderDictionaries
    /// What was not found; if there is anything, what was written is of no use.
    private(set) var missing = ReaderDictionaries.Missing()

    init(_ dictionaries: ReaderDictionaries) {
        self.dictionaries = dictionaries
    }

    /// Writes a row with what parts it from the one before or behind it.
    mutating func write(
        _ result: PostgresResult,
        row: Int,
        isFirst: Bool,
        as form: PageForm,
        to output: inout JSONOutput
    ) {
        switch form {
        case .json:
            if !isFirst { output.write(",") }
            write(result, row: row, to: &output)
        case .lines:
            write(result, row: row, to: &output)
            output.write("\n")
        case .csv:
            writeCSV(result, row: row, to: &output)
        }
    }

    private mutating func write(_ result: PostgresResult, row: Int, to output: inout JSONOutput) {
        let path =
            result.isNull(row, EventColumns.field_path_id.rawValue)
            ? nil : result.int32(row, EventColumns.field_path_id.rawValue)
        let pathText = path.flatMap { dictionaries.fieldPaths[$0] }
        if let path, pathText == nil { missing.fieldPaths.insert(path) }
        guard var fields = fields(result, row) else { return }
        fields.fieldPath = pathText
        func optional<Value>(_ column: EventColumns, _ value: (Int, Int) -> Value) -> Value? {
            result.isNull(row, column.rawValue) ? nil : value(row, column.rawValue)
        }
        fields.resourceVersion = optional(.rv, result.int64)
        fields.nameSuffix = optional(.suffix, result.int64)
        fields.objectResourceVersion = optional(.obj_rv, result.int64)
        fields.uid = optional(.uid, result.uuid).map { UUIDBits(high: $0.0, low: $0.1) }
        fields.objectUID = optional(.obj_uid, result.uuid).map { UUIDBits(high: $0.0, low: $0.1) }
        fields.firstBefore = optional(.first_d, result.int32) ?? 0
        fields.createdBefore = optional(.created_d, result.int32)
        fields.count = optional(.count, result.int32)
        // The result owns the bytes that are lent here, and outlives the writing.
        result.withBytes(row, EventColumns.name.rawValue) { name in
            result.withBytes(row, EventColumns.message.rawValue) { message in
                fields.name = name.assumingMemoryBound(to: UInt8.self)
                fields.message = message.assumingMemoryBound(to: UInt8.self)
                Self.withOptional(result, row, .extra, isJSONB: true) { extra in
                    fields.extra = extra
                    Self.withOptional(result, row, .raw, isJSONB: false) { raw in
                        fields.raw = raw
                        output.write(fields)
                    }
                }
            }
        }
    }

    private static func withOptional(
        _ result: PostgresResult,
        _ row: Int,
        _ column: EventColumns,
        isJSONB: Bool,
        _ body: (UnsafeBufferPointer<UInt8>?) -> Void
    ) {
        guard !result.isNull(row, column.rawValue) else { return body(nil) }
        if isJSONB {
            result.withJSONB(row, column.rawValue) { body($0.assumingMemoryBound(to: UInt8.self)) }
        } else {
            result.withBytes(row, column.rawValue) { body($0.assumingMemoryBound(to: UInt8.self)) }
        }
    }

    mutating func fields(_ result: PostgresResult, _ row: Int) -> EventFields? {
        func id(_ column: EventColumns) -> Int32 { result.int32(row, column.rawValue) }
        let cluster = dictionaries.clusters[id(.cluster_id)]
        let namespace = dictionaries.namespaces[id(.ns_id)]
        let kind = dictionaries.kinds[id(.kind_id)]
        let source = dictionaries.sources[id(.source_id)]
        let reason = dictionaries.reasons[id(.reason_id)]
        let type = dictionaries.types[id(.type_id)]
        guard let cluster, let namespace, let kind, let source, let reason, let type else {
            if cluster == nil { missing.clusters.insert(id(.cluster_id)) }
            if namespace == nil { missing.namespaces.insert(id(.ns_id)) }
            if kind == nil { missing.kinds.insert(id(.kind_id)) }
            if source == nil { missing.sources.insert(id(.source_id)) }
            if reason == nil { missing.reasons.insert(id(.reason_id)) }
            if type == nil { missing.types.insert(id(.type_id)) }
            return nil
        }
        return EventFields(
            time: result.timestampMicroseconds(row, EventColumns.ts.rawValue),
            shape: EventShape(rawValue: result.int32(row, EventColumns.shape.rawValue)),
            cluster: cluster,
            namespace: namespace,
            kind: kind.kind,
            apiVersion: kind.apiVersion,
            source: source,
            reason: reason,
            type: type
        )
    }
}
