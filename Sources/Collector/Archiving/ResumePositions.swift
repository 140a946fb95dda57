public import Coverage
import EventWriter
public import Logging
public import Postgres
public import Spool

/// Where watches go on: from the cursor that was committed last, or from the end of the spool, whichever is later.
public struct ResumePositions: Sendable {
    private let cluster: String
    private let pool: PostgresPool
    private let gate: ArchiveGate
    private let spool: Spool?
    private let file: CursorFile?
    private let patience: Duration
    private let logger: Logger

    /// - Parameter patience: how long the database is waited for when this process knows a position by itself.
    public init(
        cluster: String,
        pool: PostgresPool,
        gate: ArchiveGate,
        spool: Spool?,
        file: CursorFile?,
        patience: Duration,
        logger: Logger
    ) {
        self.cluster = cluster
        self.pool = pool
        self.gate = gate
        self.spool = spool
        self.file = file
        self.patience = patience
        self.logger = logger
    }

    /// The positions of these namespaces; nil where nothing is known, so that a watch begins with a list.
    ///
    /// Without a spool, or with nothing on this disk, the database is waited for: nobody else knows. Otherwise the
    /// watch goes on from what the disk knows when the database does not answer in time, so that a collector that
    /// restarts while the database is away misses nothing.
    ///
    /// - Throws: `CancellationError`.
    public func positions(of namespaces: [String?]) async throws -> [WatchPosition?] {
        let local = await local()
        let knowsAll = namespaces.allSatisfy { namespace in local.contains { $0.namespace == namespace } }
        let committed: [WatchCursor]
        if !knowsAll {
            try await gate.wait()
            committed = try await committedCursors(for: nil)
        } else {
            do {
                committed = try await within(patience) {
                    try await gate.wait()
                    return try await committedCursors(for: patience)
                }
            } catch is PostgresError {
                committed = []
            }
            if committed.isEmpty { logger.notice("Going on from what the spool's disk knows") }
        }
        return namespaces.map { namespace in
            (local + committed).filter { $0.namespace == namespace }.map(\.position)
                .reduce(nil) { best, next in
                    guard let best else { return next }
                    return next.supersedes(best) ? next : best
                }
        }
    }

    private func local() async -> [WatchCursor] {
        guard let spool else { return [] }
        let spooled = spool.lastPositions.map { WatchCursor(namespace: $0.key, position: $0.value) }
        return await spooled + (file?.read() ?? [])
    }

    private func committedCursors(for patience: Duration?) async throws -> [WatchCursor] {
        try await PatientWriting(status: ArchiveStatus(), logger: logger).write(for: patience) { deadline in
            try await WatchCursor.committed(for: cluster, in: pool, deadline: deadline)
        }
    }

    /// An empty answer when the time is over.
    private func within(
        _ time: Duration,
        _ body: @escaping @Sendable () async throws -> [WatchCursor]
    ) async throws -> [WatchCursor] {
        let result = try await withThrowingTaskGroup(of: [WatchCursor]?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: time)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        try Task.checkCancellation()
        return result ?? []
    }
}
