import Testing

@testable import Postgres

/// What an error says: the SQLSTATE, whether the same may be done again, and whether that may help.
@Suite struct ErrorTests {
    @Test(arguments: [
        ("INSERT INTO t VALUES (1)", "23505", false),
        ("SELECT 1/0", "22012", false),
        ("SELECT nothing", "42703", false),
        ("SELEC", "42601", false),
        ("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", "40001", true),
        ("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", "40P01", true),
        ("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", "53100", true),
        ("DO $$ BEGIN RAISE SQLSTATE '58030'; END $$", "58030", true),
        ("DO $$ BEGIN RAISE SQLSTATE '25006'; END $$", "25006", true),
        ("DO $$ BEGIN RAISE SQLSTATE '08006'; END $$", "08006", true),
    ])
    func anErrorOfTheServerRollsBack(sql: String, sqlState: String, isTransient: Bool) async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TABLE t (id int4 PRIMARY KEY); INSERT INTO t VALUES (1)", deadline: soon)
        for error in [
            await failure { _ = try await connection.query(PostgresStatement(sql), deadline: soon) },
            await failure { try await connection.execute(sql, deadline: soon) },
        ] {
            let error = try #require(error)
            #expect(error.kind == .server(sqlState))
            #expect(error.sqlState == sqlState)
            #expect(error.isSafeToRetry)
            #expect(error.isTransient == isTransient)
        }
        // The connection goes on.
        #expect(try await connection.rows("SELECT 1").int32(0, 0) == 1)
        await connection.close()
    }

    @Test func aLockTimeoutAndAReadOnlySessionAreTransient() async throws {
        let database = try await freshDatabase()
        let holder = try await connect(to: database)
        let other = try await connect(to: database, setup: ["SET lock_timeout = '1ms'"])
        try await holder.execute("CREATE TABLE t (id int4); COMMIT; BEGIN; LOCK TABLE t", deadline: soon)
        let locked = await failure { try await other.execute("INSERT INTO t VALUES (1)", deadline: soon) }
        #expect(locked?.sqlState == "55P03")
        #expect(locked?.isTransient == true)
        try await holder.execute("ROLLBACK", deadline: soon)
        try await other.execute("SET default_transaction_read_only = on", deadline: soon)
        let readOnly = await failure { try await other.execute("INSERT INTO t VALUES (1)", deadline: soon) }
        #expect(readOnly?.sqlState == "25006")
        #expect(readOnly?.isTransient == true)
        await holder.close()
        await other.close()
    }

    @Test func theMessageHasDetailAndHintButNoParameters() async throws {
        let connection = try await connect()
        var parameters = PostgresParameters()
        parameters.append("my secret value")
        let statement = PostgresStatement(
            "SELECT length($1), 'my secret literal',\n   1/0",
            parameterTypes: [.text]
        )
        let error = try #require(
            await failure { _ = try await connection.query(statement, parameters, deadline: soon) }
        )
        #expect(error.description == "SELECT length($1), '...', 1/0: division by zero (SQLSTATE 22012)")
        let hinted = await failure {
            try await connection.execute(
                "DO $$ BEGIN RAISE 'no' USING detail = 'the detail', hint = 'the hint'; END $$",
                deadline: soon
            )
        }
        #expect(hinted?.message == "no; detail: the detail; hint: the hint")
        #expect(hinted?.attempted == "DO $$...")
        await connection.close()
    }

    @Test func whatLibpqCannotDoIsMisuse() async throws {
        let connection = try await connect()
        let nul = await failure { try await connection.execute("SELECT 1\0; DROP TABLE x", deadline: soon) }
        #expect(nul?.kind == .misuse)
        var parameters = PostgresParameters()
        for _ in 0..<70_000 { parameters.append(true) }
        let tooMany = await failure {
            _ = try await connection.query(PostgresStatement("SELECT 1"), parameters, deadline: soon)
        }
        #expect(tooMany?.kind == .misuse)
        await connection.close()

        for sql in ["COPY (SELECT 1) TO STDOUT", "COPY pg_temp.t FROM STDIN"] {
            for inPipeline in [false, true] {
                let connection = try await connect()
                try await connection.execute("CREATE TEMPORARY TABLE t (id int)", deadline: soon)
                let copy = await failure {
                    if inPipeline {
                        _ = try await connection.query(PostgresStatement(sql), deadline: soon)
                    } else {
                        try await connection.execute(sql, deadline: soon)
                    }
                }
                #expect(copy?.kind == .misuse, "\(sql)")
                #expect(connection.status.current == .closed)
            }
        }
    }

    @Test func aWrongParameterTypeIsTheServersError() async throws {
        let connection = try await connect()
        var parameters = PostgresParameters()
        parameters.append(Int32(1))
        let statement = PostgresStatement("SELECT $1", parameterTypes: [.int8])
        let error = await failure { _ = try await connection.query(statement, parameters, deadline: soon) }
        #expect(error?.sqlState == "22P03" || error?.sqlState == "08P01")
        #expect(try await connection.rows("SELECT 1").rowCount == 1)
        await connection.close()
    }
}
