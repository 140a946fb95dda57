public import EventSchema
public import Logging
public import Postgres
public import ServiceLifecycle

/// Creates the months to come, retires those that are older than the archive is to be and counts those that nobody has
/// counted, now and every hour.
public struct MonthKeeper: Service {
    private let pool: PostgresPool
    private let retention: EventRetention
    private let partitions = EventPartitions()
    private let rollup = EventRollup()
    private let logger: Logger

    /// Keeps the months of the archive that this pool leads to.
    public init(pool: PostgresPool, retention: EventRetention, logger: Logger) {
        self.pool = pool
        self.retention = retention
        self.logger = logger
    }

    /// Runs until the graceful shutdown. Failures are logged and tried again: events bring their own months, and what
    /// is retired a day late does no harm.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                var wait = Self.interval
                do {
                    try await keep()
                } catch {
                    if Task.isCancelled { break }
                    logger.warning("Months could not be kept", metadata: ["error": "\(error)"])
                    wait = Self.retryInterval
                }
                try? await Task.sleep(for: wait)
            }
        }
    }

    private func keep() async throws {
        let now = WallClock.now
        let current = EventMonth(microseconds: now)
        try await pool.withConnection(deadline: .now + .seconds(60)) { connection in
            let ahead = Set((0...Self.monthsAhead).map { current.advanced(by: $0) })
            try await partitions.ensure(ahead, on: connection, deadline: .now + .seconds(30))
            _ = try await retention.retire(at: now, on: connection, logger: logger, deadline: .now + .seconds(60))
            _ = try await rollup.count(at: now, on: connection, logger: logger, deadline: .now + Self.countingTime)
        }
    }

    private static let monthsAhead = 2
    /// For all the months of an archive from before there was a rollup: 12 million events take half a minute.
    private static let countingTime = Duration.seconds(1800)
    private static let interval = Duration.seconds(3600)
    private static let retryInterval = Duration.seconds(30)
}
