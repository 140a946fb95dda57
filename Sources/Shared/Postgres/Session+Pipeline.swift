extension Session {
    private enum Step {
        case prepare(PostgresStatement)
        case execute
    }

    private struct Answer {
        var results: [PostgresResult] = []
        var failure: ServerMessage?
    }

    /// Sends all statements at once, those that are not prepared yet with their preparation, and then takes in the
    /// answers. After an error the server skips the rest, and rolls back what came before it.
    func pipeline(
        _ items: [(PostgresStatement, PostgresParameters)],
        _ limits: OperationLimits
    ) throws(PostgresError) -> [PostgresResult] {
        guard let sql = items.first?.0.sql else { return [] }
        guard items.count <= Self.pipelineLimit, !items.contains(where: { $0.0.sql.utf8.contains(0) }) else {
            throw PostgresError(
                .misuse,
                "a pipeline takes up to \(Self.pipelineLimit) statements, without U+0000 in them",
                attempted: excerpt(of: sql),
                isSafeToRetry: true
            )
        }
        try makeRoom(for: Set(items.map(\.0)), limits)
        try begin(sql, limits)
        let steps = try send(items, sql)
        let answer = try receive(steps, sql, limits)
        guard answer.failure == nil, answer.results.count == items.count else {
            if answer.failure?.preparedStatementIsStale == true {
                for (statement, _) in items { statements.remove(statement) }
            }
            let failed = items[min(answer.results.count, items.count - 1)].0.sql
            throw failure(answer.failure, failed, after: answer.results.map(\.commandTag))
        }
        return answer.results
    }

    /// Deallocates the least recently used statements where the new ones would not fit.
    private func makeRoom(for needed: Set<PostgresStatement>, _ limits: OperationLimits) throws(PostgresError) {
        var new = 0
        // Asking for the name counts as a use, so that none of these goes.
        for statement in needed where statements.name(of: statement) == nil { new += 1 }
        // In a failed transaction nothing can be deallocated, and nothing will be prepared either.
        guard new > 0, isOpen, libpq.transactionState != .failed else { return }
        let dropped = statements.makeRoom(for: new)
        guard !dropped.isEmpty else { return }
        try execute(dropped.map { "DEALLOCATE \($0)" }.joined(separator: ";"), limits)
    }

    private func send(
        _ items: [(PostgresStatement, PostgresParameters)],
        _ sql: String
    ) throws(PostgresError) -> [Step] {
        var steps: [Step] = []
        guard libpq.enterPipeline() else { throw refusedToSend(sql) }
        for (statement, parameters) in items {
            let name: String
            if let known = statements.name(of: statement) {
                name = known
            } else {
                name = statements.add(statement)
                steps.append(.prepare(statement))
                guard libpq.send(prepare: name, statement.sql, statement.parameterTypes.map(\.oid)) else {
                    throw refusedToSend(statement.sql)
                }
                didSend()
            }
            steps.append(.execute)
            guard libpq.send(execute: name, parameters) else { throw refusedToSend(statement.sql) }
            didSend()
        }
        guard libpq.sendSync() else { throw refusedToSend(sql) }
        return steps
    }

    private func receive(_ steps: [Step], _ sql: String, _ limits: OperationLimits) throws(PostgresError) -> Answer {
        var answer = Answer()
        do throws(Interruption) {
            for step in steps where !libpq.isBroken {
                var succeeded = false
                while let result = try nextResult(limits) {
                    switch result.status {
                    case .done:
                        succeeded = true
                        if case .execute = step { answer.results.append(PostgresResult(result)) }
                    case .failed: answer.failure = answer.failure ?? result.serverMessage
                    case .copy:
                        giveUp()
                        return Answer(failure: .copyIsUnsupported)
                    case .pipelineSync, .pipelineAborted: break
                    }
                }
                if case .prepare(let statement) = step, !succeeded { statements.remove(statement) }
            }
            try receiveSync(&answer, limits)
        } catch {
            giveUp()
            throw interrupted(error, sql, isSafeToRetry: false)
        }
        if libpq.isBroken || !libpq.exitPipeline() { answer.failure = answer.failure ?? ServerMessage() }
        finish()
        return answer
    }

    /// The end of the pipeline. What fails only at the commit, such as a deferred constraint, is said here.
    private func receiveSync(_ answer: inout Answer, _ limits: OperationLimits) throws(Interruption) {
        var gaps = 0
        while !libpq.isBroken && gaps < 8 {
            guard let result = try nextResult(limits) else {
                gaps += 1
                continue
            }
            if result.status == .pipelineSync { return }
            if result.status == .failed { answer.failure = answer.failure ?? result.serverMessage }
        }
    }
}
