import UnixSignals

/// Runs something that ends early and well when its task is cancelled.
enum UntilSignal {
    /// SIGTERM and SIGINT cancel it.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            // The signal came first; the body now ends as soon as it can.
            while let next = try await group.next() {
                if let next { return next }
            }
            throw CancellationError()
        }
    }
}
