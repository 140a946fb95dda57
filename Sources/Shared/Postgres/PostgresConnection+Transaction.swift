extension PostgresConnection {
    /// Runs `body` between BEGIN and COMMIT; when it throws, the transaction is rolled back.
    ///
    /// - Parameters:
    ///   - deadline: for BEGIN and COMMIT; the statements within have their own.
    ///   - mode: what follows BEGIN, such as `ISOLATION LEVEL REPEATABLE READ READ ONLY`.
    /// - Throws: what `body` throws. A `PostgresError` before the COMMIT is safe to retry, since nothing of the
    ///   transaction was applied. One from the COMMIT is not, unless it was not sent or the server itself refused it.
    public nonisolated(nonsending) func transaction<Value>(
        deadline: ContinuousClock.Instant,
        mode: String = "",
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await execute("BEGIN \(mode)", deadline: deadline)
        let value: Value
        do {
            value = try await body(self)
        } catch {
            if status.current != .closed { await rollback() }
            throw (error as? PostgresError)?.knownNotApplied() ?? error
        }
        let commit = try await commit(deadline: deadline)
        guard commit == "COMMIT" else {
            throw PostgresError(
                .misuse,
                "the server rolled back, since a statement had failed and its error was not passed on",
                attempted: "COMMIT",
                isSafeToRetry: true
            )
        }
        return value
    }

    /// Commits, and returns what the server says that it did.
    private func commit(deadline: ContinuousClock.Instant) async throws(PostgresError) -> String {
        do throws(PostgresError) {
            return try await query(.commit, deadline: deadline).commandTag
        } catch {
            if status.current == .inTransaction { rollback() }
            // It was never sent, or the server refused it (a deferred constraint, a serialization failure).
            if error.isSafeToRetry { throw error }
            throw error.ofUnknownOutcome()
        }
    }
}

extension PostgresStatement {
    fileprivate static let commit = PostgresStatement("COMMIT")
}
