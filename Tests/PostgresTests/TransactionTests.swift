import Postgres
import Testing

@Suite struct TransactionTests {
    private struct Stop: Error {}

    @Test func theBodyIsCommittedOrRolledBack() async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TABLE t (id int4)", deadline: soon)
        let value = try await connection.transaction(deadline: soon) { connection in
            try await connection.execute("INSERT INTO t VALUES (1)", deadline: soon)
            return "value"
        }
        #expect(value == "value")
        await #expect(throws: Stop.self) {
            try await connection.transaction(deadline: soon) { connection in
                try await connection.execute("INSERT INTO t VALUES (2)", deadline: soon)
                throw Stop()
            }
        }
        let failed = await failure {
            try await connection.transaction(deadline: soon) { connection in
                try await connection.execute("INSERT INTO t VALUES (3)", deadline: soon)
                try await connection.execute("SELECT 1/0", deadline: soon)
            }
        }
        #expect(failed?.sqlState == "22012")
        #expect(failed?.isSafeToRetry == true)
        let result = try await connection.rows("SELECT id FROM t")
        #expect(result.rowCount == 1)
        #expect(result.int32(0, 0) == 1)
        await connection.close()
    }

    @Test func aSwallowedErrorIsNotACommit() async throws {
        let connection = try await connect()
        let error = await failure {
            try await connection.transaction(deadline: soon) { connection in
                try? await connection.execute("SELECT 1/0", deadline: soon)
            }
        }
        #expect(error?.kind == .misuse)
        #expect(error?.isSafeToRetry == true)
        await connection.close()
    }

    @Test func aCommitThatTheServerRefusesIsKnownNotApplied() async throws {
        let connection = try await connect()
        try await connection.execute(
            "CREATE TABLE t (id int4 PRIMARY KEY, other int4 REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
            deadline: soon
        )
        let error = await failure {
            try await connection.transaction(deadline: soon) { connection in
                try await connection.execute("INSERT INTO t VALUES (1, 2)", deadline: soon)
            }
        }
        #expect(error?.sqlState == "23503")
        #expect(error?.isSafeToRetry == true)
        #expect(try await connection.rows("SELECT FROM t").rowCount == 0)
        await connection.close()
    }

    @Test func aBackendThatDiesBeforeTheCommitLeavesNothing() async throws {
        let database = try await freshDatabase()
        let connection = try await connect(to: database)
        let other = try await connect(to: database)
        try await connection.execute("CREATE TABLE t (id int4)", deadline: soon)
        let pid = try #require(await connection.backendPID)
        let error = await failure {
            try await connection.transaction(deadline: soon) { connection in
                try await connection.execute("INSERT INTO t VALUES (1)", deadline: soon)
                // By its own hand, so that it happens while a statement is under way.
                try await connection.execute("SELECT pg_terminate_backend(\(pid)), pg_sleep(60)", deadline: soon)
            }
        }
        #expect(error?.kind == .connectionLost)
        #expect(error?.sqlState == "57P01")
        #expect(error?.isSafeToRetry == true)
        #expect(try await other.rows("SELECT FROM t").rowCount == 0)
        await other.close()
    }

    @Test func aCommitWithoutAnAnswerIsOfUnknownOutcome() async throws {
        let connection = try await connect()
        let pid = try #require(await connection.backendPID)
        try await connection.execute(
            """
            CREATE TABLE t (id int4);
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_terminate_backend(\(pid)); PERFORM pg_sleep(60); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION die()
            """,
            deadline: soon
        )
        let error = await failure {
            try await connection.transaction(deadline: soon) { connection in
                try await connection.execute("INSERT INTO t VALUES (1)", deadline: soon)
            }
        }
        #expect(error?.kind == .connectionLost)
        #expect(error?.isSafeToRetry == false)
        #expect(error?.isTransient == true)
    }

    @Test func aCommitThatIsNotSentIsKnownNotApplied() async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TABLE t (id int4)", deadline: soon)
        let error = await failure {
            try await connection.transaction(deadline: .now + .seconds(1)) { connection in
                try await connection.execute("INSERT INTO t VALUES (1); SELECT pg_sleep(1.1)", deadline: soon)
            }
        }
        #expect(error?.kind == .deadlineExceeded)
        #expect(error?.isSafeToRetry == true)
        #expect(try await connection.rows("SELECT FROM t").rowCount == 0)
        await connection.close()
    }

    @Test func aCancelledTaskStillRollsBack() async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TABLE t (id int4)", deadline: soon)
        let task = Task {
            try await connection.transaction(deadline: soon) { connection in
                try await connection.execute("INSERT INTO t VALUES (1)", deadline: soon)
                withUnsafeCurrentTask { $0?.cancel() }
                try Task.checkCancellation()
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await connection.rows("SELECT FROM t").rowCount == 0)
        await connection.close()
    }
}
