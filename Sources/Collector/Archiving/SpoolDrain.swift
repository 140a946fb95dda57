public import Logging
public import ServiceLifecycle
public import Spool

/// Takes what lies in the spool into the archive, in order, as soon as the archive can be written to. It runs whether or
/// not this collector leads.
public struct SpoolDrain: Service {
    private let spool: Spool
    private let store: ArchiveStore
    private let gate: ArchiveGate
    private let status: ArchiveStatus
    private let logger: Logger

    /// - Parameter status: told how the archive is doing; the sink's.
    public init(spool: Spool, store: ArchiveStore, gate: ArchiveGate, status: ArchiveStatus, logger: Logger) {
        self.spool = spool
        self.store = store
        self.gate = gate
        self.status = status
        self.logger = logger
    }

    /// Runs until the graceful shutdown, and then a little longer while there is something to be taken: a pod's disk
    /// often goes with it. What is left is taken by the next process that has this disk.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await drain() }
            group.addTask {
                try await gracefulShutdown()
                let end = ContinuousClock.now + Self.lastPatience
                while !spool.status.isEmpty, gate.isOpen, ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            do {
                try await group.next()
            } catch is CancellationError {}
            group.cancelAll()
        }
    }

    private func drain() async throws {
        try await gate.wait()
        while let chunk = try await nextChunk() {
            var batch = ArchiveBatch()
            for record in chunk.records {
                for body in record.bodies { batch.add(body: body) }
                batch.reach(record.position, in: record.namespace)
            }
            let complete = batch
            try await PatientWriting(status: status, logger: logger).write { deadline in
                try await store.commit(complete, deadline: deadline)
            }
            await spool.acknowledge(chunk)
            if spool.status.isEmpty {
                logger.notice("The spool is empty: batches go to the archive directly again")
            }
        }
        throw CancellationError()
    }

    /// A disk that cannot be read is asked again: what is on it is on nothing else. A record that was good when the
    /// spool was opened and is not any more ends the process: what is damaged is set aside at the next start.
    private func nextChunk() async throws -> SpoolBatch? {
        var told: SpoolError?
        while true {
            do throws(SpoolError) {
                return try await spool.next(maxEvents: Self.chunkEvents, maxBytes: Self.chunkBytes)
            } catch {
                if told != error {
                    logger.error("The spool cannot be read; trying until it can", metadata: ["error": "\(error)"])
                }
                guard error.isRetryable else { throw error }
                told = error
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// The size of batch at which an insert is at its best.
    private static let chunkEvents = 1000
    private static let chunkBytes = 8 << 20
    /// Less than what a process has for its end.
    private static let lastPatience = Duration.seconds(5)
}
