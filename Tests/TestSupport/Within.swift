/// Runs `body`, which has to be done in time.
///
/// - Parameter what: what is waited for, for the error.
/// - Throws: an error that names it when `limit` is over; `body` is cancelled then.
public func within<Value: Sendable>(
    _ limit: Duration,
    _ what: String,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw TooLate(description: "\(what) did not come within \(limit)")
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}

/// Asks ten times a second until the answer is as wanted; for what can only be asked, such as a database of another process.
///
/// - Returns: the first answer that is.
/// - Throws: what `ask` throws, or an error with the last answer when `limit` is over.
@discardableResult
public func eventually<Value: Sendable>(
    within limit: Duration = .seconds(30),
    _ what: String,
    ask: () async throws -> Value,
    until isWanted: (Value) -> Bool
) async throws -> Value {
    let end = ContinuousClock.now + limit
    while true {
        let answer = try await ask()
        if isWanted(answer) { return answer }
        guard ContinuousClock.now < end else {
            throw TooLate(description: "\(what) did not come within \(limit); at last it was \(answer)")
        }
        try await Task.sleep(for: .milliseconds(100))
    }
}

private struct TooLate: Error, CustomStringConvertible {
    let description: String
}
