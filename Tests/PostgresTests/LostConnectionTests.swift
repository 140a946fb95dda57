import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite struct LostConnectionTests {
    @Test(arguments: [SIGQUIT, SIGKILL])
    func aServerThatDiesUnderAStatementIsALostConnection(signal: Int32) async throws {
        let server = try await PostgresServer.start()
        let connection = try await connect(to: server.connectionString())
        async let error = failure { _ = try await connection.rows("SELECT pg_sleep(60)") }
        let pid = try #require(
            try await server.withAdministration { administration in
                let find = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
                _ = try await eventually { try await administration.rows(find).rowCount == 1 }
                return try await administration.rows(find).int32(0, 0)
            }
        )
        // A killed postmaster leaves its backends at work; this one goes with it.
        try await server.kill(signal)
        if signal == SIGKILL { kill(pid, SIGKILL) }

        let lost = await error
        #expect(lost?.kind == .connectionLost)
        #expect(lost?.isSafeToRetry == false)
        #expect(lost?.isTransient == true)
        let after = await failure { _ = try await connection.rows("SELECT 1") }
        #expect(after?.kind == .connectionLost)
        #expect(after?.isSafeToRetry == true)
    }

    @Test func aServerThatWentWhileNothingWasUnderWayIsSafeToAskAgain() async throws {
        let server = try await PostgresServer.start()
        let connection = try await connect(to: server.connectionString())
        try await connection.execute("CREATE TABLE t (id int4)", deadline: soon)
        try await server.stop(.fast)
        let error = await failure { try await connection.execute("INSERT INTO t VALUES (1)", deadline: soon) }
        #expect(error?.kind == .connectionLost)
        #expect(error?.isSafeToRetry == true)

        // On the same port, with the same data.
        try await server.start()
        let again = try await connect(to: server.connectionString())
        #expect(try await again.rows("SELECT FROM t").rowCount == 0)
        await again.close()
        try await server.stop(.immediate)
    }

    @Test func aPoolGoesOnAfterARestart() async throws {
        let server = try await PostgresServer.start()
        let pool = PostgresPool(.init(connectionString: server.connectionString()), maxConnections: 2)
        let statement = PostgresStatement("SELECT 1")
        #expect(try await pool.query(statement, deadline: soon).rowCount == 1)
        try await server.stop(.fast)
        let down = await failure { _ = try await pool.query(statement, deadline: soon) }
        #expect(down?.kind == .connecting)
        #expect(down?.isTransient == true)
        #expect(pool.statistics.open == 0)
        try await server.start()
        #expect(try await pool.query(statement, deadline: soon).rowCount == 1)
        await pool.shutdown()
        try await server.stop(.fast)
    }
}
