import EventSchema
public import Postgres

/// What tells one cluster from another, as far as a collector may know it.
public struct ClusterEvidence: Sendable, Equatable {
    /// The uid of the namespace `kube-system`: as old as the cluster, and never changed.
    public var kubeSystemUID: String?
    /// A hash of each certificate of the authority that the API server is trusted by. While one is exchanged for
    /// another there are two.
    public var authorityHashes: Set<String>

    /// Evidence from its parts.
    public init(kubeSystemUID: String? = nil, authorityHashes: Set<String> = []) {
        self.kubeSystemUID = kubeSystemUID
        self.authorityHashes = authorityHashes
    }

    /// Whether a cluster with this evidence is the one with the other; nil if nothing can be compared. The uid counts
    /// more: authorities are exchanged, and some are shared by clusters.
    func isSameCluster(as other: ClusterEvidence) -> Bool? {
        if let kubeSystemUID, let otherUID = other.kubeSystemUID { return kubeSystemUID == otherUID }
        guard !authorityHashes.isEmpty, !other.authorityHashes.isEmpty else { return nil }
        return !authorityHashes.isDisjoint(with: other.authorityHashes)
    }
}

/// The name is another cluster's. Trying again does not help.
public struct ClusterMismatch: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name that is taken.
    public let cluster: String

    /// What is wrong, and the remedy.
    public var description: String {
        "the archive holds another cluster under the name \"\(cluster)\" (its kube-system namespace or its certificate"
            + " authority is another one): give --cluster another name, or, if this is its successor, --adopt-cluster"
    }
}

/// Sees to it that two clusters do not write under one name: the first collector of a name leaves what is known of its
/// cluster, and later ones must match it.
public enum ClusterRegistration {
    /// - Parameter adopts: takes the name over for this cluster. Where watches had come in the other one is forgotten.
    /// - Throws: `ClusterMismatch`, `PostgresError`.
    public static func admit(
        _ evidence: ClusterEvidence,
        as cluster: String,
        adopts: Bool = false,
        in pool: PostgresPool,
        deadline: ContinuousClock.Instant
    ) async throws {
        try await pool.withConnection(deadline: deadline) { connection in
            let id = try await EventDictionaries.clusters().ids(of: [[cluster]], on: connection, deadline: deadline)[0]
            try await connection.transaction(deadline: deadline) { connection in
                let known = try await known(id, on: connection, deadline)
                let isSame = known.isSameCluster(as: evidence)
                guard isSame != false || adopts else { throw ClusterMismatch(cluster: cluster) }
                if isSame == false { _ = try await connection.query(forget, parameters(id), deadline: deadline) }
                var recorded = evidence
                if isSame != false {
                    // Who may read less than another collector leaves what that one knew.
                    recorded.kubeSystemUID = recorded.kubeSystemUID ?? known.kubeSystemUID
                    if recorded.authorityHashes.isEmpty { recorded.authorityHashes = known.authorityHashes }
                }
                if recorded != known { try await record(recorded, id, on: connection, deadline) }
            }
        }
    }

    private static func known(
        _ id: Int32,
        on connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> ClusterEvidence {
        // Locked, so that of two first collectors one finds what the other has left.
        _ = try await connection.query(lock, parameters(id), deadline: deadline)
        let result = try await connection.query(selection, parameters(id), deadline: deadline)
        var evidence = ClusterEvidence()
        for row in 0..<result.rowCount {
            switch result.text(row, 0) {
            case uidKind: evidence.kubeSystemUID = result.text(row, 1)
            case authorityKind:
                evidence.authorityHashes = Set(result.text(row, 1).split(separator: ",").map(String.init))
            // What a later program knows of: not to be judged here.
            default: continue
            }
        }
        return evidence
    }

    private static func record(
        _ evidence: ClusterEvidence,
        _ id: Int32,
        on connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        var kinds = PostgresArray(of: .text)
        var values = PostgresArray(of: .text)
        if let uid = evidence.kubeSystemUID {
            kinds.append(uidKind)
            values.append(uid)
        }
        if !evidence.authorityHashes.isEmpty {
            kinds.append(authorityKind)
            values.append(evidence.authorityHashes.sorted().joined(separator: ","))
        }
        var all = parameters(id)
        all.append(kinds)
        all.append(values)
        _ = try await connection.query(insertion, all, deadline: deadline)
    }

    private static func parameters(_ id: Int32) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.append(id)
        return parameters
    }

    private static let uidKind = "kube-system-uid"
    private static let authorityKind = "authority-sha256"

    private static let lock = PostgresStatement(
        "SELECT FROM kee.cluster WHERE cluster_id = $1 FOR UPDATE",
        parameterTypes: [.int4]
    )
    private static let selection = PostgresStatement(
        "SELECT kind, value FROM kee.cluster_fingerprint WHERE cluster_id = $1",
        parameterTypes: [.int4]
    )
    private static let insertion = PostgresStatement(
        """
        INSERT INTO kee.cluster_fingerprint AS f (cluster_id, kind, value)
        SELECT $1, * FROM unnest($2::text[], $3::text[])
        ON CONFLICT (cluster_id, kind) DO UPDATE SET value = excluded.value, recorded_at = now()
        """,
        parameterTypes: [.int4, .text.array, .text.array]
    )
    private static let forget = PostgresStatement(
        """
        WITH evidence AS (DELETE FROM kee.cluster_fingerprint WHERE cluster_id = $1)
        DELETE FROM kee.watch_cursor WHERE cluster_id = $1
        """,
        parameterTypes: [.int4]
    )
}
