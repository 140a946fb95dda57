import EventSchema
import EventWriter
import Postgres

/// The writer against what the server can do at best with the same rows, batch by batch in turn.
struct InsertBenchmark {
    let settings: BenchSettings
    let database: Database

    /// Each way writes so many batches, and then it is the next one's turn.
    private static let batchesOfRound = 10

    func run(into table: inout ResultTable) async throws {
        let pool = database.pool(connections: 1)
        try await EventSchema.migrate(pool, logger: Database.logger, deadline: Database.deadline)
        try await pool.withConnection(deadline: Database.deadline) { try await prepare($0) }
        let unnest = try await UnnestReference(database)
        let copy = CopyReference(database, folder: settings.folder)
        var writers: [String: EventWriter] = [:]
        for cluster in GeneratedCluster.all {
            writers[cluster.name] = EventWriter(cluster: cluster.name, pool: pool, logger: Database.logger)
        }

        var generator = EventGenerator(events: settings.events)
        var (ours, byUnnest, byCopy) = (Measured("rows/s"), Measured("rows/s"), Measured("rows/s"))
        var client = 0.0
        let backend = try await pool.query(PostgresStatement("SELECT pg_backend_pid()"), deadline: Database.deadline)
            .int32(0, 0)
        let server = CPUTime.ofProcess(backend)
        let unnestServer = unnest.processorTime()
        var remaining = settings.events / GeneratedBatch.size
        while remaining > 0 {
            let batches = try (0..<min(Self.batchesOfRound, remaining)).map { _ in try generator.batch() }
            remaining -= batches.count
            let rows = Double(batches.count * GeneratedBatch.size)
            let (elapsed, processor) = try await write(batches, by: writers)
            client += processor
            ours.add(rows / elapsed)
            byUnnest.add(rows / (try await unnest.seconds(of: batches)))
            byCopy.add(rows / (try copy.seconds(of: batches)))
        }
        try await pool.withConnection(deadline: Database.deadline) { try await check($0) }

        table.add("insert: batches of 1000", ours, byUnnest, "unnest, parameters made before", goal: 0.7)
        table.add("insert: batches of 1000", ours, byCopy, "COPY binary, no check for duplicates", goal: 0.4)
        let rows = Double(settings.events)
        let serverTime = server.flatMap { start in CPUTime.ofProcess(backend).map { ($0 - start) / rows * 1e6 } }
        let unnestTime = unnest.processorTime().flatMap { end in unnestServer.map { (end - $0) / rows * 1e6 } }
        table.note(
            "insert: \(settings.events) rows; processor time a row: client \(Measured.text(client / rows * 1e6)) µs,"
                + " server \(Measured.text(serverTime ?? .nan)) µs (by unnest alone \(Measured.text(unnestTime ?? .nan)) µs)"
        )
        await unnest.close()
        await pool.shutdown()
    }

    /// Seconds by the clock and of this process's processor time.
    private func write(
        _ batches: [GeneratedBatch],
        by writers: [String: EventWriter]
    ) async throws -> (elapsed: Double, processor: Double) {
        let processor = CPUTime.ofThisProcess
        let start = ContinuousClock.now
        for batch in batches {
            let outcome = try await writers[batch.cluster]?.write(batch.events, deadline: Database.deadline)
            guard outcome?.stored == batch.events.count else {
                throw BenchError("of \(batch.events.count) events \(outcome?.stored ?? 0) were stored")
            }
        }
        return ((ContinuousClock.now - start).inSeconds, CPUTime.ofThisProcess - processor)
    }

    /// As many months as an archive has when it is full, and the references' tables.
    private func prepare(_ connection: PostgresConnection) async throws {
        let archived = try await connection.query(
            PostgresStatement("SELECT EXISTS (SELECT FROM kee.tally)"),
            deadline: Database.deadline
        )
        guard !archived.bool(0, 0) else { throw BenchError("the database holds events already: give an empty one") }
        let newest = EventMonth(microseconds: EventGenerator.start * 1_000_000)
        try await EventPartitions().ensure(
            Set((-58...1).map { newest.advanced(by: $0) }),
            on: connection,
            deadline: Database.deadline
        )
        try await connection.execute("CREATE SCHEMA bench", deadline: Database.deadline)
        for name in ["event_unnest", "event_copy"] {
            try await connection.execute(
                """
                CREATE TABLE bench.\(name) (LIKE kee.event INCLUDING ALL) PARTITION BY RANGE (ts);
                CREATE TABLE bench.\(name)_month PARTITION OF bench.\(name)
                    FOR VALUES FROM ('\(newest.firstDay) 00:00+00') TO ('\(newest.advanced(by: 1).firstDay) 00:00+00');
                """,
                deadline: Database.deadline
            )
        }
    }

    /// All three tables hold every row, or the comparison was none.
    private func check(_ connection: PostgresConnection) async throws {
        for table in ["kee.event", "bench.event_unnest", "bench.event_copy"] {
            let statement = PostgresStatement("SELECT count(*) FROM \(table)")
            let count = try await connection.query(statement, deadline: Database.deadline).int64(0, 0)
            guard count == Int64(settings.events) else {
                throw BenchError("\(table) holds \(count) rows and not \(settings.events)")
            }
        }
    }
}
