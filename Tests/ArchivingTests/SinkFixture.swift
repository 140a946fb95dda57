import Coverage
import EventModel
import EventSchema
import EventWriter
import JSON
import Logging
import Postgres
import Spool
import TestSupport
import Watch

@testable import Archiving

/// A sink with a PostgreSQL of its own behind it, a spool beside it, and a drain.
struct SinkFixture {
    let server: PostgresServer
    let pool: PostgresPool
    let gate = ArchiveGate()
    let spool: Spool
    let folder: TemporaryDirectory
    let progress: CommittedProgress
    let sink: ArchiveSink
    let drain: SpoolDrain

    /// - Parameters:
    ///   - settings: lines for the server's configuration.
    ///   - patience: of a batch with the database.
    init(
        settings: [String] = [],
        maxBytes: Int = 64 << 20,
        patience: Duration = .milliseconds(300)
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        server = try await PostgresServer.start()
        let configuration = PostgresConfiguration(connectionString: try await server.freshDatabase())
        pool = PostgresPool(configuration, maxConnections: 3, logger: logger)
        try await EventSchema.migrate(pool, logger: logger, deadline: TestArchive.soon)
        folder = try TemporaryDirectory()
        spool = try await Spool.open(directory: folder.path, maxBytes: maxBytes, cluster: "c", logger: logger)
        progress = CommittedProgress()
        let writer = EventWriter(cluster: "c", pool: pool, logger: logger)
        let store = ArchiveStore(writer: writer, progress: progress, logger: logger)
        sink = ArchiveSink(store: store, gate: gate, spool: spool, patience: patience, logger: logger)
        drain = SpoolDrain(spool: spool, store: store, gate: gate, status: sink.status, logger: logger)
        gate.open()
    }

    /// A batch of events with these numbers, which reaches the last of them.
    static func batch(_ numbers: ClosedRange<Int>) throws -> WatchBatch {
        WatchBatch(
            namespace: nil,
            objects: try numbers.map { try Event.sample($0).body },
            position: position(numbers.upperBound)
        )
    }

    static func position(_ number: Int) -> WatchPosition {
        WatchPosition(
            resourceVersion: "\(number)",
            stretch: CoverageStretch(since: 1_000_000, until: Int64(number) * 1_000_000, cause: .first)
        )
    }

    var rows: Int {
        get async throws {
            let count = PostgresStatement("SELECT count(*) FROM kee.event")
            return Int(try await pool.query(count, deadline: TestArchive.soon).int64(0, 0))
        }
    }

    var cursor: String? {
        get async throws {
            let cursors = try await WatchCursor.committed(for: "c", in: pool, deadline: TestArchive.soon)
            return cursors.first?.position.resourceVersion
        }
    }

    /// Runs the drain until the spool is empty.
    func drained() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await drain.run() }
            try await eventually("an empty spool", ask: { spool.status.isEmpty }) { $0 }
            group.cancelAll()
        }
    }

    func close() async throws {
        await spool.close()
        await pool.shutdown()
        // A test may have stopped it.
        try? await server.stop(.immediate)
    }
}
