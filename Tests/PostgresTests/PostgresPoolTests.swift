import Testing

@testable import Postgres

@Suite struct PostgresPoolTests {
    private func pool(_ connections: Int, waiters: Int = 1024, idle: Duration = .seconds(300)) async throws
        -> PostgresPool
    {
        PostgresPool(
            .init(connectionString: try await freshDatabase()),
            maxConnections: connections,
            maxWaiters: waiters,
            maxIdleTime: idle
        )
    }

    @Test func neverMoreConnectionsThanAllowed() async throws {
        let pool = try await pool(3)
        let users = UserCount()
        let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await pool.withConnection(deadline: soon) { connection in
                        await users.enter()
                        let pid = try await connection.rows("SELECT pg_backend_pid()").int32(0, 0)
                        await users.leave()
                        return pid
                    }
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(pids.count <= 3)
        #expect(await users.most <= 3)
        #expect(pool.statistics.open == pids.count)
        #expect(pool.statistics.idle == pids.count)
        #expect(pool.statistics.waiting == 0)
        await pool.shutdown()
        #expect(pool.statistics.open == 0)
    }

    @Test func waitersComeInTheirOrderAndBeyondTheirBoundAreRefused() async throws {
        let pool = try await pool(1, waiters: 3)
        let order = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await pool.withConnection(deadline: soon) { _ in
                for number in 1...3 {
                    group.addTask {
                        try await pool.withConnection(deadline: soon) { _ in await order.append(number) }
                    }
                    let isWaiting = try await eventually { pool.statistics.waiting == number }
                    #expect(isWaiting)
                }
                let refused = await failure { try await pool.withConnection(deadline: soon) { _ in } }
                #expect(refused?.kind == .poolExhausted)
                #expect(refused?.isSafeToRetry == true)
                #expect(refused?.isTransient == true)
            }
            try await group.waitForAll()
        }
        #expect(await order.numbers == [1, 2, 3])
        await pool.shutdown()
    }

    @Test func aWaiterLeavesAtItsDeadlineOrWhenCancelled() async throws {
        let pool = try await pool(1)
        try await pool.withConnection(deadline: soon) { _ in
            // The later deadline first, so that the timer must be set anew.
            let cancelled = Task { await failure { try await pool.withConnection(deadline: soon) { _ in } } }
            let isWaiting = try await eventually { pool.statistics.waiting == 1 }
            #expect(isWaiting)
            let late = await failure { try await pool.withConnection(deadline: .now + .milliseconds(50)) { _ in } }
            #expect(late?.kind == .deadlineExceeded)
            #expect(late?.isSafeToRetry == true)
            #expect(pool.statistics.waiting == 1)
            cancelled.cancel()
            #expect(await cancelled.value?.kind == .cancelled)
            #expect(pool.statistics.waiting == 0)
        }
        #expect(try await pool.query(PostgresStatement("SELECT 1"), deadline: soon).rowCount == 1)
        await pool.shutdown()
    }

    @Test func anOpenTransactionIsRolledBack() async throws {
        let pool = try await pool(1)
        let pid = try await pool.withConnection(deadline: soon) { connection in
            try await connection.execute("CREATE TABLE t (id int4); BEGIN; INSERT INTO t VALUES (1)", deadline: soon)
            return try await connection.rows("SELECT pg_backend_pid()").int32(0, 0)
        }
        await #expect(throws: PostgresError.self) {
            try await pool.withConnection(deadline: soon) { connection in
                try await connection.execute("BEGIN", deadline: soon)
                try await connection.execute("SELECT 1/0", deadline: soon)
            }
        }
        let after = try await pool.query(PostgresStatement("SELECT pg_backend_pid()"), deadline: soon)
        #expect(after.int32(0, 0) == pid)
        let table = await failure { _ = try await pool.query(PostgresStatement("SELECT FROM t"), deadline: soon) }
        #expect(table?.sqlState == "42P01")
        await pool.shutdown()
    }

    @Test func aBrokenConnectionIsReplaced() async throws {
        let pool = try await pool(1)
        let statement = PostgresStatement("SELECT pg_backend_pid()")
        let first = try await pool.query(statement, deadline: soon).int32(0, 0)
        // Broken while it is lent.
        let late = await failure {
            _ = try await pool.query(PostgresStatement("SELECT pg_sleep(60)"), deadline: .now + .milliseconds(50))
        }
        #expect(late?.kind == .deadlineExceeded)
        let second = try await pool.query(statement, deadline: soon).int32(0, 0)
        #expect(second != first)
        // Ended by the server while it lies idle.
        let observer = try await connect(to: pool.configuration.connectionString)
        _ = try await observer.rows("SELECT pg_terminate_backend(\(second), 20000)")
        let third = try await pool.query(statement, deadline: soon).int32(0, 0)
        #expect(third != second)
        #expect(pool.statistics.open == 1)
        await observer.close()
        await pool.shutdown()
    }

    @Test func aFailedConnectIsItsOwnCallersAndTheNextOneTries() async throws {
        let port = try LocalPort(.refusing)
        let pool = PostgresPool(.init(connectionString: "host=127.0.0.1 port=\(port.number)"), maxConnections: 1)
        let kinds = await withTaskGroup(of: PostgresError.Kind?.self) { group in
            for _ in 0..<10 {
                group.addTask { await failure { try await pool.withConnection(deadline: soon) { _ in } }?.kind }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(kinds == Array(repeating: .connecting, count: 10))
        #expect(pool.statistics == .init(open: 0, idle: 0, waiting: 0))
    }

    @Test func anIdleConnectionIsClosedInTime() async throws {
        let pool = try await pool(2, idle: .milliseconds(50))
        #expect(try await pool.query(PostgresStatement("SELECT 1"), deadline: soon).rowCount == 1)
        #expect(try await eventually { pool.statistics.open == 0 })
        await pool.shutdown()
    }

    @Test func shuttingDownEndsWaitersAndConnections() async throws {
        let pool = try await pool(1)
        let pid = try await pool.withConnection(deadline: soon) { connection in
            let waiter = Task { await failure { try await pool.withConnection(deadline: soon) { _ in } } }
            let isWaiting = try await eventually { pool.statistics.waiting == 1 }
            #expect(isWaiting)
            await pool.shutdown()
            #expect(await waiter.value?.kind == .poolShutDown)
            // Whoever has a connection finishes.
            return try await connection.rows("SELECT pg_backend_pid()").int32(0, 0)
        }
        let observer = try await connect(to: pool.configuration.connectionString)
        #expect(try await eventually { try await !observer.seesBackend(pid) })
        let after = await failure { try await pool.withConnection(deadline: soon) { _ in } }
        #expect(after?.kind == .poolShutDown)
        await observer.close()
    }
}

private actor UserCount {
    private var users = 0
    private(set) var most = 0

    func enter() {
        users += 1
        most = max(most, users)
    }

    func leave() { users -= 1 }
}

private actor Order {
    private(set) var numbers: [Int] = []
    func append(_ number: Int) { numbers.append(number) }
}
