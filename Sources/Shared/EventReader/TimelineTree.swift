import EventModel
import EventSchema
import Postgres

/// The objects of a story: those that ever had the name, and what they owned.
struct TimelineTree {
    private let query: TimelineQuery
    private let clusterID: Int32
    private let kinds: [Int32]
    private let recordedUntil: Int64
    /// The namespaces of objects that may be seen; nil for all.
    private let namespaces: [String]?

    /// Objects in one answer.
    static let mostObjects = 1_000
    /// Objects of a level before what they own has its place: of a CronJob's Jobs the newest are told of with their Pods.
    static let mostOfLevel = 500
    /// As deep as is recorded.
    static let mostLevels = 8
    /// Events of the object that are looked at for uids of which nothing was recorded.
    static let eventsLookedAt = 1_000

    init(_ query: TimelineQuery, clusterID: Int32, kinds: [Int32], recordedUntil: Int64) {
        (self.query, self.clusterID, self.kinds, self.recordedUntil) = (query, clusterID, kinds, recordedUntil)
        switch query.visibility[query.cluster] {
        case nil: namespaces = []
        case .all: namespaces = nil
        // The events of what belongs to the cluster lie in `default`: who may see those, may see of what they are.
        case .only(let visible): namespaces = visible.sorted() + (visible.contains("default") ? [""] : [])
        }
    }

    /// - Returns: each object once, and whether there are more.
    func read(
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> (objects: [TimelineObject], isTruncated: Bool) {
        let roots = try await roots(connection, deadline)
        var isTruncated = roots.count > Self.mostOfLevel
        var levels = [(depth: 1, objects: Array(roots.prefix(Self.mostOfLevel)))]
        var objects: [TimelineObject] = []
        var places: [UUIDBits: Int] = [:]
        while !levels.isEmpty {
            let level = levels.removeFirst()
            var new: [TimelineObject] = []
            for object in level.objects {
                if let place = places[object.uid] {
                    // The same one, as events with another apiVersion named it.
                    if object.chain.rawValue > objects[place].chain.rawValue { objects[place] = object }
                } else if objects.count < Self.mostObjects {
                    places[object.uid] = objects.count
                    objects.append(object)
                    new.append(object)
                } else {
                    isTruncated = true
                }
            }
            if new.isEmpty { continue }
            guard level.depth < Self.mostLevels else {
                isTruncated = true
                continue
            }
            // One more than there is room for tells whether there are more, even where there is no room at all.
            let room = Self.mostObjects - objects.count
            let children = try await children(of: new, limit: room + 1, connection, deadline)
            // Half of a level waits until what the other half owns has its place.
            levels.insert((level.depth + 1, Array(children.prefix(Self.mostOfLevel))), at: 0)
            levels.append((level.depth + 1, Array(children.dropFirst(Self.mostOfLevel))))
        }
        return (objects, isTruncated)
    }

    private func roots(
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [TimelineObject] {
        let own = [query.namespace] + (TimelineQuery.clusterNamespaces.contains(query.namespace) ? [""] : [])
        let kindIDs = PostgresArray(kinds)
        var parameters = PostgresParameters()
        parameters.append(clusterID)
        parameters.append(PostgresArray(own))
        parameters.append(query.name)
        parameters.append(kindIDs)
        parameters.append(timestampMicroseconds: recordedUntil)
        parameters.append(Int64(Self.mostOfLevel + 1))
        let recorded = objects(
            in: try await connection.query(Self.recordedRoots, parameters, deadline: deadline),
            isRoot: true
        )
        var lookup = PostgresParameters()
        lookup.append(
            EventIdentity.object(cluster: query.cluster, namespace: query.namespace, name: query.name)
        )
        lookup.append(query.name)
        lookup.append(kindIDs)
        lookup.append(Int64(Self.eventsLookedAt))
        let seen = try await connection.query(Self.seenRoots, lookup, deadline: deadline)
        let known = Set(recorded.map(\.uid))
        let others = (0..<seen.rowCount).compactMap { row -> TimelineObject? in
            let bits = seen.uuid(row, 0)
            let uid = UUIDBits(high: bits.0, low: bits.1)
            guard !known.contains(uid) else { return nil }
            return TimelineObject(
                kind: ObjectKind(apiVersion: seen.text(row, 2), kind: seen.text(row, 1)),
                namespace: query.namespace,
                name: query.name,
                uid: uid,
                owner: nil,
                chain: .notAsked,
                isRoot: true
            )
        }
        return recorded + others
    }

    private func children(
        of parents: [TimelineObject],
        limit: Int,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [TimelineObject] {
        var uids = PostgresArray(of: .uuid)
        for parent in parents { uids.append(uuid: (parent.uid.high, parent.uid.low)) }
        var parameters = PostgresParameters()
        parameters.append(clusterID)
        parameters.append(uids)
        for texts in [parents.map(\.namespace), parents.map(\.name)] { parameters.append(PostgresArray(texts)) }
        parameters.append(timestampMicroseconds: recordedUntil)
        parameters.append(Int64(limit))
        if let namespaces { parameters.append(PostgresArray(namespaces)) }
        let statement = namespaces == nil ? Self.allChildren : Self.visibleChildren
        return objects(in: try await connection.query(statement, parameters, deadline: deadline), isRoot: false)
    }

    private func objects(in result: PostgresResult, isRoot: Bool) -> [TimelineObject] {
        (0..<result.rowCount).map { row in
            let (uid, ownerUID) = (result.uuid(row, 0), result.isNull(row, 6) ? nil : result.uuid(row, 6))
            var owner: TimelineObject.Owner?
            // An owner that is not of the same namespace belongs to the cluster.
            let isOwnerVisible = namespaces.map { $0.contains("") || result.bool(row, 10) } ?? true
            if let ownerUID, isOwnerVisible, !result.isNull(row, 8) {
                owner = TimelineObject.Owner(
                    kind: ObjectKind(apiVersion: result.text(row, 9), kind: result.text(row, 8)),
                    name: result.text(row, 7),
                    uid: UUIDBits(high: ownerUID.0, low: ownerUID.1)
                )
            }
            return TimelineObject(
                kind: ObjectKind(apiVersion: result.text(row, 2), kind: result.text(row, 1)),
                namespace: result.text(row, 3),
                name: result.text(row, 4),
                uid: UUIDBits(high: uid.0, low: uid.1),
                owner: owner,
                chain: ObjectChain(rawValue: result.int16(row, 5)) ?? .notAsked,
                isRoot: isRoot
            )
        }
    }

    private static let columns = """
        o.uid, k.kind, k.api_version, o.namespace, o.name, o.chain, o.owner_uid, o.owner_name, p.kind, p.api_version,
        EXISTS (SELECT FROM kee.object w WHERE (w.cluster_id, w.namespace, w.name, w.kind_id, w.uid)
            = (o.cluster_id, o.namespace, o.owner_name, o.owner_kind_id, o.owner_uid))
        """
    private static let kindJoins = """
        JOIN kee.kind k ON k.kind_id = o.kind_id LEFT JOIN kee.kind p ON p.kind_id = o.owner_kind_id
        """

    private static let recordedRoots = PostgresStatement(
        """
        SELECT \(columns) FROM (
            SELECT * FROM kee.object WHERE cluster_id = $1 AND namespace = ANY ($2) AND name = $3
                AND kind_id = ANY ($4) AND recorded_at <= $5
            ORDER BY recorded_at DESC, uid LIMIT $6
        ) o \(kindJoins) ORDER BY o.recorded_at DESC, o.uid
        """,
        parameterTypes: [.int4, .text.array, .text, .int4.array, .timestamptz, .int8]
    )

    /// Of which nothing was recorded, because that was off, or the object was never asked for.
    private static let seenRoots = PostgresStatement(
        """
        SELECT e.obj_uid, k.kind, k.api_version FROM (
            SELECT obj_uid, min(kind_id) AS kind_id, max(ts) AS ts FROM (
                SELECT obj_uid, kind_id, ts FROM kee.event WHERE res = $1 AND name = $2 AND kind_id = ANY ($3)
                ORDER BY ts DESC LIMIT $4
            ) newest WHERE obj_uid IS NOT NULL GROUP BY obj_uid
        ) e JOIN kee.kind k USING (kind_id) ORDER BY e.ts DESC, e.obj_uid
        """,
        parameterTypes: [.int8, .text, .int4.array, .int8]
    )

    /// What is owned lies in its owner's namespace, unless the owner is in none. Source: Kubernetes, "Owners and
    /// Dependents"; and so nobody's made-up event finds objects of another namespace.
    private static func children(_ visible: String) -> String {
        """
        SELECT \(columns) FROM (
            SELECT c.* FROM unnest($2::uuid[], $3::text[], $4::text[]) AS q(uid, namespace, name)
            CROSS JOIN LATERAL (
                SELECT * FROM kee.object x
                WHERE x.cluster_id = $1 AND x.owner_uid = q.uid AND x.owner_name = q.name
                    AND (q.namespace = '' OR x.namespace = q.namespace) AND x.recorded_at <= $5\(visible)
                ORDER BY x.cluster_id DESC, x.owner_uid DESC, x.recorded_at DESC LIMIT $6
            ) c ORDER BY c.recorded_at DESC, c.uid LIMIT $6
        ) o \(kindJoins) ORDER BY o.recorded_at DESC, o.uid
        """
    }
    private static let childTypes: [PostgresType] = [
        .int4, .uuid.array, .text.array, .text.array, .timestamptz, .int8,
    ]
    private static let allChildren = PostgresStatement(children(""), parameterTypes: childTypes)
    private static let visibleChildren = PostgresStatement(
        children(" AND x.namespace = ANY ($7)"),
        parameterTypes: childTypes + [.text.array]
    )
}
