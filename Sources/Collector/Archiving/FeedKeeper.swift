import EventSchema
public import Logging
public import Postgres
public import ServiceLifecycle

/// Removes from the feed of live tails what is older than an hour, every minute.
public struct FeedKeeper: Service {
    private let pool: PostgresPool
    private let logger: Logger

    /// Keeps the feed of the archive that this pool leads to.
    public init(pool: PostgresPool, logger: Logger) {
        (self.pool, self.logger) = (pool, logger)
    }

    /// Runs until the graceful shutdown. Failures are logged and tried again a minute later: a feed that is too long does
    /// no harm.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await prune()
                } catch  where !Task.isCancelled {
                    logger.warning("The feed could not be pruned", metadata: ["error": "\(error)"])
                } catch {}
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    private func prune() async throws {
        try await pool.withConnection(deadline: .now + .seconds(60)) { connection in
            while try await EventFeed.prune(on: connection, deadline: .now + .seconds(60)) >= EventFeed.batch / 2 {}
        }
    }

    private static let interval = Duration.seconds(60)
}
