extension Session {
    /// More than this many statements in one pipeline is a mistake: a batch belongs into arrays.
    static let pipelineLimit = 64

    /// Runs SQL text by the simple protocol: several statements are one transaction, unless they say otherwise.
    func execute(_ sql: String, _ limits: OperationLimits) throws(PostgresError) {
        try begin(sql, limits)
        guard libpq.send(simple: sql) else { throw refusedToSend(sql) }
        didSend()
        let answer = try receive(sql, limits)
        if let error = answer.failure { throw failure(error, sql, after: answer.results.map(\.commandTag)) }
    }

    /// Runs one statement; in one round trip, whether it is prepared already or not.
    func query(
        _ statement: PostgresStatement,
        _ parameters: PostgresParameters,
        _ limits: OperationLimits
    ) throws(PostgresError) -> PostgresResult {
        guard let name = statements.name(of: statement) else {
            return try pipeline([(statement, parameters)], limits)[0]
        }
        try begin(statement.sql, limits)
        guard libpq.send(execute: name, parameters) else { throw refusedToSend(statement.sql) }
        didSend()
        let answer = try receive(statement.sql, limits)
        if let error = answer.failure {
            if error.preparedStatementIsStale {
                statements.remove(statement)
                if libpq.transactionState == .idle { return try pipeline([(statement, parameters)], limits)[0] }
            }
            throw failure(error, statement.sql, after: [])
        }
        guard let result = answer.results.last else { throw failure(nil, statement.sql, after: []) }
        return PostgresResult(result)
    }

    private func receive(
        _ sql: String,
        _ limits: OperationLimits
    ) throws(PostgresError) -> (results: [LibpqResult], failure: ServerMessage?) {
        var results: [LibpqResult] = []
        var failure: ServerMessage?
        do throws(Interruption) {
            while let result = try nextResult(limits) {
                switch result.status {
                case .done: results.append(result)
                case .failed: failure = failure ?? result.serverMessage
                case .copy:
                    giveUp()
                    return (results, .copyIsUnsupported)
                case .pipelineSync, .pipelineAborted: break
                }
            }
        } catch {
            giveUp()
            throw interrupted(error, sql, isSafeToRetry: false)
        }
        finish()
        if libpq.isBroken && failure == nil { failure = ServerMessage() }
        return (results, failure)
    }
}
