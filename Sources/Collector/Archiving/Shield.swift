/// Lets what is under way come to its end when its task is cancelled.
enum Shield {
    /// Runs `body`, and passes a cancellation on to it only after `grace`.
    static func run<Value: Sendable>(
        grace: Duration,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // A child task would be cancelled along with its parent; this one is awaited right here.
        let shielded = Task { try await body() }
        return try await withTaskCancellationHandler {
            try await shielded.value
        } onCancel: {
            // Ends by itself after the grace; there is nothing to be awaited.
            Task {
                try? await Task.sleep(for: grace)
                shielded.cancel()
            }
        }
    }
}
