import JSON
public import Logging
import Postgres
import ServiceLifecycle
public import Spool
public import Watch

/// Brings what a watch delivers to safety: into the archive, or into the spool while the archive cannot be written to.
///
/// It returns when a batch is committed or synced to disk; until then nothing more is taken from the watch. Where both
/// fail (the spool is full too, or there is none) it goes on trying both, which holds the watch back: the API server
/// still has the events for an hour. Nothing is dropped here.
public struct ArchiveSink: WatchSink {
    /// How the archive is doing, for readiness.
    public let status = ArchiveStatus()
    /// How the spool is doing, for readiness: whether it takes what is to be put into it.
    public let spoolStatus = ArchiveStatus()

    private let store: ArchiveStore
    private let gate: ArchiveGate
    private let spool: Spool?
    private let patience: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - gate: closed as long as the archive must not be written to.
    ///   - spool: where batches go that the archive does not take; nil to wait for the archive however long it is away.
    ///   - patience: how long a batch waits for the archive before it goes into the spool.
    public init(store: ArchiveStore, gate: ArchiveGate, spool: Spool?, patience: Duration, logger: Logger) {
        self.store = store
        self.gate = gate
        self.spool = spool
        self.patience = patience
        self.logger = logger
    }

    /// Returns when the batch is safe.
    ///
    /// - Throws: `CancellationError` only.
    public func deliver(_ batch: WatchBatch) async throws {
        guard let spool else {
            // A process that is to end does not wait for the archive to be made ready.
            try await cancelWhenGracefulShutdown { try await gate.wait() }
            return try await archive(batch, for: nil)
        }
        var patience = patience
        while true {
            // What is in the spool was there first: a cursor must never be committed before the rows that it vouches
            // for.
            if gate.isOpen, spool.status.isEmpty {
                do {
                    try await archive(batch, for: patience)
                    // Whatever the spool did not take: the watch is not held back by it any more.
                    return spoolStatus.succeeded()
                } catch is PostgresError {
                    logger.warning("Batches go into the spool until the archive can be written to again")
                }
            }
            do {
                try await spool.append(SpoolRecord(batch))
                return spoolStatus.succeeded()
            } catch SpoolError.tooLarge where batch.objects.count > 1 {
                for half in batch.halves { try await deliver(half) }
                return
            } catch {
                try Task.checkCancellation()
                if spoolStatus.failed("\(error)") {
                    logger.error(
                        "The spool takes nothing more: the watch is held back until it or the archive does",
                        metadata: ["error": "\(error)"]
                    )
                }
                // At the end of the process nobody is helped by waiting: the next one goes on from what is safe.
                if Task.isShuttingDownGracefully { throw CancellationError() }
                // An event that is too large for the spool goes nowhere but into the archive, and may take longer for
                // that than somebody wants to wait who has a spool.
                patience = max(patience, PatientWriting.attempt)
                try await waitForRoom(in: spool, after: error)
            }
        }
    }

    private func archive(_ batch: WatchBatch, for patience: Duration?) async throws {
        var whole = ArchiveBatch()
        for object in batch.objects { whole.add(object) }
        whole.reach(batch.position, in: batch.namespace)
        let complete = whole
        try await PatientWriting(status: status, logger: logger).write(for: patience) { deadline in
            try await store.commit(complete, deadline: deadline)
        }
    }

    /// Room comes from the drain, or from somebody else who frees the disk; the latter nobody tells us.
    private func waitForRoom(in spool: Spool, after error: any Error) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if case SpoolError.full = error { group.addTask { await spool.waitForRoom() } }
            group.addTask { try await Task.sleep(for: .seconds(1)) }
            try await group.next()
            group.cancelAll()
        }
        try Task.checkCancellation()
    }
}

extension WatchBatch {
    /// The position is reached with the second only.
    fileprivate var halves: [WatchBatch] {
        let middle = objects.count / 2
        return [
            WatchBatch(namespace: namespace, objects: Array(objects[..<middle]), position: nil),
            WatchBatch(namespace: namespace, objects: Array(objects[middle...]), position: position),
        ]
    }
}

extension SpoolRecord {
    init(_ batch: WatchBatch) {
        self.init(
            namespace: batch.namespace,
            position: batch.position,
            bodies: batch.objects.map { Array($0.rawBytes) }
        )
    }
}
