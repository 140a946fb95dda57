import Postgres
import TestSupport

/// What PostgreSQL says of the events that were archived, read past all our programs.
struct LoadDatabase: Sendable {
    let connectionString: String

    /// As in earnest, where the tests save the time; and it remembers when each transaction was committed.
    static let settings = [
        "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "shared_buffers": "256MB",
        "max_wal_size": "4GB", "track_commit_timestamp": "on",
    ]

    /// How many rows there are; 0 as long as there is no table.
    func count() async -> Int {
        let result = try? await ask("SELECT count(*) FROM kee.event")
        return Int(result?.int64(0, 0) ?? 0)
    }

    /// Where the end of the WAL is, in bytes.
    func walPosition() async throws -> Int64 {
        try await ask("SELECT (pg_current_wal_insert_lsn() - '0/0')::int8").int64(0, 0)
    }

    /// When each resourceVersion was committed, in microseconds since 1970, and by how many transactions all were.
    ///
    /// The time is the one that stands in the commit record: what follows it until others can see the row is the
    /// flush of that record, which a commit of one row (see `CommitReference`) pays too.
    func commits() async throws -> (times: [Int64: Int64], transactions: Int) {
        let rows = try await ask(
            "SELECT e.rv, pg_xact_commit_timestamp(e.xmin), e.xmin::text::int8 FROM kee.event e"
        )
        var times: [Int64: Int64] = [:]
        var transactions: Set<Int64> = []
        for row in 0..<rows.rowCount {
            times[rows.int64(row, 0)] = rows.timestampMicroseconds(row, 1)
            transactions.insert(rows.int64(row, 2))
        }
        return (times, transactions.count)
    }

    func withConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: connectionString, applicationName: "kee-chaos"),
            deadline: .now + .seconds(10)
        )
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    private func ask(_ sql: String) async throws -> PostgresResult {
        try await withConnection { connection in
            try await connection.query(PostgresStatement(sql), deadline: .now + .seconds(120))
        }
    }
}

/// How long a transaction of one row takes on the same server at the same time: the least that any archive would need.
struct CommitReference: Sendable {
    let database: LoadDatabase
    private let durations = Observed<[Int64]>([])

    /// Commits ten rows a second until it is cancelled.
    func run() async throws {
        try await database.withConnection { connection in
            let deadline = ContinuousClock.now + .seconds(86_400)
            try await connection.execute("CREATE TABLE one_row (n int8)", deadline: deadline)
            let insert = PostgresStatement("INSERT INTO one_row VALUES (1)")
            while true {
                let start = ContinuousClock.now
                _ = try await connection.query(insert, deadline: deadline)
                let duration = ContinuousClock.now - start
                durations.change { $0.append(Int64(duration / .microseconds(1))) }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Microseconds, in order. The first one prepares the statement.
    var sorted: [Int64] { durations.value.dropFirst().sorted() }
}
