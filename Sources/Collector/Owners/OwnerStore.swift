import EventSchema
import Postgres

/// The owners in the archive, `kee.object`, as one collector reads and writes them.
struct OwnerStore: Sendable {
    let cluster: String
    let pool: PostgresPool

    /// What the archive knows of these objects, by uid.
    ///
    /// - Throws: `PostgresError`.
    func records(
        of objects: [ObjectReference],
        deadline: ContinuousClock.Instant
    ) async throws -> [UUIDBits: ObjectRecord] {
        var parameters = PostgresParameters()
        parameters.append(cluster)
        for array in Self.identities(objects) { parameters.append(array) }
        let result = try await pool.query(Self.selection, parameters, deadline: deadline)
        var records: [UUIDBits: ObjectRecord] = [:]
        for row in 0..<result.rowCount {
            let object = objects[Int(result.int64(row, 0)) - 1]
            // A later program may know of more.
            guard let chain = ObjectChain(rawValue: result.int16(row, 1)) else { continue }
            var record = ObjectRecord(object, chain)
            if !result.isNull(row, 2), !result.isNull(row, 3) {
                let bits = result.uuid(row, 2)
                record.owner = ObjectRecord.Owner(
                    uid: UUIDBits(high: bits.0, low: bits.1),
                    kind: ObjectKind(apiVersion: result.text(row, 4), kind: result.text(row, 3)),
                    name: result.text(row, 5)
                )
            }
            records[object.uid] = record
        }
        return records
    }

    /// Writes records; what is known better stays.
    ///
    /// The ids of the dictionaries are looked up at each call: behind a new connection may stand a server that was
    /// promoted since and lacks the last of them.
    ///
    /// - Throws: `PostgresError`, `SchemaError`.
    func write(_ records: [ObjectRecord], deadline: ContinuousClock.Instant) async throws {
        guard !records.isEmpty else { return }
        let owned = records.compactMap(\.owner)
        try await pool.withConnection(deadline: deadline) { connection in
            let clusterIDs = EventDictionaries.clusters()
            let clusterID = try await clusterIDs.ids(of: [[cluster]], on: connection, deadline: deadline)[0]
            let keys = (records.map(\.object.kind) + owned.map(\.kind)).map { [$0.kind, $0.apiVersion] }
            let kinds = EventDictionaries(clusterID: clusterID).kinds
            let kindIDs = try await kinds.ids(of: keys, on: connection, deadline: deadline)
            var arrays = [PostgresType.int4, .int4, .int2, .uuid, .text].map { PostgresArray(of: $0) }
            var owners = kindIDs[records.count...]
            for (index, record) in records.enumerated() {
                arrays[0].append(kindIDs[index])
                arrays[1].append(record.owner == nil ? nil : owners.removeFirst())
                arrays[2].append(record.chain.rawValue)
                arrays[3].append(uuid: record.owner.map { ($0.uid.high, $0.uid.low) })
                arrays[4].append(record.owner?.name)
            }
            var parameters = PostgresParameters()
            parameters.append(clusterID)
            for array in arrays + Self.places(records.map(\.object)) { parameters.append(array) }
            _ = try await connection.query(Self.insertion, parameters, deadline: deadline)
        }
    }

    /// Namespaces, names and uids.
    private static func places(_ objects: [ObjectReference]) -> [PostgresArray] {
        var (namespaces, names) = (PostgresArray(of: .text), PostgresArray(of: .text))
        var uids = PostgresArray(of: .uuid)
        for object in objects {
            namespaces.append(object.namespace)
            names.append(object.name)
            uids.append(uuid: (object.uid.high, object.uid.low))
        }
        return [namespaces, names, uids]
    }

    private static func identities(_ objects: [ObjectReference]) -> [PostgresArray] {
        var (kinds, versions) = (PostgresArray(of: .text), PostgresArray(of: .text))
        for object in objects {
            kinds.append(object.kind.kind)
            versions.append(object.kind.apiVersion)
        }
        return places(objects) + [kinds, versions]
    }

    private static let selection = PostgresStatement(
        """
        SELECT w.place, o.chain, o.owner_uid, p.kind, p.api_version, o.owner_name
        FROM kee.cluster c
        CROSS JOIN unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[])
            WITH ORDINALITY AS w(namespace, name, uid, kind, api_version, place)
        JOIN kee.kind k ON (k.kind, k.api_version) = (w.kind, w.api_version)
        JOIN kee.object o ON (o.cluster_id, o.namespace, o.name, o.kind_id, o.uid)
            = (c.cluster_id, w.namespace, w.name, k.kind_id, w.uid)
        LEFT JOIN kee.kind p ON p.kind_id = o.owner_kind_id
        WHERE c.name = $1
        """,
        parameterTypes: [.text, .text.array, .text.array, .uuid.array, .text.array, .text.array]
    )

    /// Sorted by the key, so that two collectors of one cluster never wait for each other in a circle. A row that is
    /// merely seen again is written once a day.
    private static let insertion = PostgresStatement(
        """
        INSERT INTO kee.object AS o
            (cluster_id, kind_id, owner_kind_id, chain, owner_uid, owner_name, namespace, name, uid)
        SELECT $1, * FROM unnest($2::int4[], $3::int4[], $4::int2[], $5::uuid[], $6::text[], $7::text[], $8::text[],
            $9::uuid[]) AS r(kind_id, owner_kind_id, chain, owner_uid, owner_name, namespace, name, uid)
        ORDER BY namespace COLLATE "C", name COLLATE "C", kind_id, uid
        ON CONFLICT (cluster_id, namespace, name, kind_id, uid) DO UPDATE SET
            chain = greatest(o.chain, excluded.chain),
            owner_kind_id = coalesce(excluded.owner_kind_id, o.owner_kind_id),
            owner_uid = coalesce(excluded.owner_uid, o.owner_uid),
            owner_name = coalesce(excluded.owner_name, o.owner_name),
            recorded_at = CASE WHEN o.owner_uid IS NULL AND excluded.owner_uid IS NOT NULL
                THEN excluded.recorded_at ELSE o.recorded_at END,
            seen_at = excluded.seen_at
        WHERE excluded.chain > o.chain OR excluded.owner_uid <> o.owner_uid
            OR (o.owner_uid IS NULL AND excluded.owner_uid IS NOT NULL)
            OR o.seen_at < excluded.seen_at - interval '1 day'
        """,
        parameterTypes: [
            .int4, .int4.array, .int4.array, .int2.array, .uuid.array, .text.array, .text.array, .text.array,
            .uuid.array,
        ]
    )
}
