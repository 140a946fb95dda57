internal import ServiceLifecycle

/// Looks over the connections as long as the listener runs.
struct ConnectionSweep: Service {
    let book: ConnectionBook

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    try await Task.sleep(for: book.limits.sweepInterval)
                    book.sweep()
                }
            }
        } catch is CancellationError {
            // The way it ends.
        }
    }
}
