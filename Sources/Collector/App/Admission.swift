import Archiving
import EventWriter
import KubernetesAPI
import Logging
import Postgres

/// Before anything is written: the schema is there, and the cluster is the one that the archive knows by its name.
struct Admission: Sendable {
    let cluster: String
    let adopts: Bool
    let client: KubernetesClient
    let pool: PostgresPool
    let preparation: ArchivePreparation
    /// Opens when the schema is ready: what this process or its predecessor has spooled may be written.
    let schema = ArchiveGate()
    /// Opens when the cluster is known to be ours too: what is watched may be written.
    let archive = ArchiveGate()
    /// Whether the API server says which cluster it is: until it has, nothing is asked of it but this.
    let evidenceStatus = ArchiveStatus()
    let logger: Logger

    /// Waits for the database and the API server, however long they are away.
    ///
    /// - Throws: `SchemaError`, `ClusterMismatch`; trying again would not help.
    func run() async throws {
        try await preparation.run(pool, patience: nil, logger: logger)
        schema.open()
        let evidence = try await evidence()
        if evidence == ClusterEvidence() {
            logger.notice(
                """
                Nothing tells this cluster from another (its authority is the system's, and kube-system may not be read): \
                a collector of another cluster under this name would not be refused
                """
            )
        }
        while true {
            do {
                let deadline = ContinuousClock.now + .seconds(10)
                try await ClusterRegistration.admit(evidence, as: cluster, adopts: adopts, in: pool, deadline: deadline)
                return archive.open()
            } catch let error as PostgresError {
                try Task.checkCancellation()
                logger.warning("The cluster cannot be looked up yet", metadata: ["error": "\(error)"])
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func evidence() async throws -> ClusterEvidence {
        while true {
            do {
                let fingerprint = try await client.fingerprint()
                evidenceStatus.succeeded()
                return ClusterEvidence(
                    kubeSystemUID: fingerprint.kubeSystemUID,
                    authorityHashes: Set(fingerprint.certificateAuthorityHashes)
                )
            } catch {
                try Task.checkCancellation()
                if evidenceStatus.failed("\(error)") {
                    logger.warning(
                        "The API server does not say which cluster it is yet",
                        metadata: ["error": "\(error)"]
                    )
                }
                try await Task.sleep(for: .seconds(2))
            }
        }
    }
}
