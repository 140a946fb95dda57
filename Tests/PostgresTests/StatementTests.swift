import Testing

@testable import Postgres

@Suite struct StatementTests {
    @Test func aStatementIsPreparedOnce() async throws {
        let connection = try await connect()
        // Two values with the same text are the same statement.
        for _ in 0..<3 { _ = try await connection.query(PostgresStatement("SELECT 1"), deadline: soon) }
        #expect(await connection.preparedStatementCount == 1)
        let prepared = try await connection.rows(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT 1'"
        )
        #expect(prepared.int64(0, 0) == 1)
        await connection.close()
    }

    @Test func theLeastRecentlyUsedStatementIsDeallocated() async throws {
        let connection = try await connect()
        let first = PostgresStatement("SELECT 'first'")
        for number in 0..<StatementCache.capacity + 20 {
            _ = try await connection.query(first, deadline: soon)
            _ = try await connection.query(PostgresStatement("SELECT \(number)"), deadline: soon)
        }
        #expect(await connection.preparedStatementCount == StatementCache.capacity)
        let prepared = try await connection.rows(
            """
            SELECT count(*), bool_or(statement = 'SELECT ''first'''), bool_or(statement = 'SELECT 1')
            FROM pg_prepared_statements
            """
        )
        #expect(prepared.int64(0, 0) == Int64(StatementCache.capacity))
        #expect(prepared.bool(0, 1))
        #expect(!prepared.bool(0, 2))
        await connection.close()
    }

    @Test func aStatementThatCannotBePreparedIsNotKept() async throws {
        let connection = try await connect()
        let statement = PostgresStatement("SELECT * FROM later")
        #expect(await failure { _ = try await connection.query(statement, deadline: soon) }?.sqlState == "42P01")
        #expect(await connection.preparedStatementCount == 0)
        try await connection.execute("CREATE TABLE later (id int)", deadline: soon)
        #expect(try await connection.query(statement, deadline: soon).rowCount == 0)
        await connection.close()
    }

    @Test func aChangedTableAndAForgottenStatementArePreparedAnew() async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TABLE t (id int4); INSERT INTO t VALUES (1)", deadline: soon)
        let statement = PostgresStatement("SELECT * FROM t")
        #expect(try await connection.query(statement, deadline: soon).columnCount == 1)
        try await connection.execute("ALTER TABLE t ADD COLUMN name text", deadline: soon)
        #expect(try await connection.query(statement, deadline: soon).columnCount == 2)
        try await connection.execute("DEALLOCATE ALL", deadline: soon)
        #expect(try await connection.query(statement, deadline: soon).columnCount == 2)
        await connection.close()
    }

    @Test func aPipelineIsOneTransaction() async throws {
        let connection = try await connect()
        try await connection.execute(
            "CREATE TABLE t (id int4 PRIMARY KEY, other int4 REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
            deadline: soon
        )
        let insert = PostgresStatement("INSERT INTO t VALUES ($1, $2)", parameterTypes: [.int4, .int4])
        func row(_ id: Int32, _ other: Int32?) -> (PostgresStatement, PostgresParameters) {
            var parameters = PostgresParameters()
            parameters.append(id)
            parameters.append(other)
            return (insert, parameters)
        }
        let count = PostgresStatement("SELECT count(*) FROM t")

        let results = try await connection.pipeline([row(1, nil), row(2, 1), (count, .init())], deadline: soon)
        #expect(results.map(\.affectedRows) == [1, 1, 1])
        #expect(results[2].int64(0, 0) == 2)

        let duplicate = await failure {
            _ = try await connection.pipeline([row(3, nil), row(1, nil), (count, .init())], deadline: soon)
        }
        #expect(duplicate?.sqlState == "23505")
        #expect(duplicate?.isSafeToRetry == true)
        // A deferred constraint speaks up only at the end of the pipeline.
        let dangling = await failure { _ = try await connection.pipeline([row(4, 99)], deadline: soon) }
        #expect(dangling?.sqlState == "23503")
        #expect(try await connection.query(count, deadline: soon).int64(0, 0) == 2)
        await connection.close()
    }

    @Test func aPipelineHasALimit() async throws {
        let connection = try await connect()
        let one = (PostgresStatement("SELECT 1"), PostgresParameters())
        #expect(try await connection.pipeline([], deadline: soon).isEmpty)
        #expect(try await connection.pipeline(Array(repeating: one, count: 64), deadline: soon).count == 64)
        let refused = await failure {
            _ = try await connection.pipeline(Array(repeating: one, count: 65), deadline: soon)
        }
        #expect(refused?.kind == .misuse)
        await connection.close()
    }

    @Test func severalStatementsOfOneTextAreOneTransaction() async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TABLE t (id int4)", deadline: soon)
        let failed = await failure {
            try await connection.execute("INSERT INTO t VALUES (1); SELECT 1/0", deadline: soon)
        }
        #expect(failed?.sqlState == "22012")
        #expect(failed?.isSafeToRetry == true)
        let partly = await failure {
            try await connection.execute("BEGIN; INSERT INTO t VALUES (2); COMMIT; SELECT 1/0", deadline: soon)
        }
        #expect(partly?.isSafeToRetry == false)
        #expect(try await connection.rows("SELECT id FROM t").int32(0, 0) == 2)
        await connection.close()
    }
}
