import EventReader
import EventSchema
import Logging
import Postgres
import ServiceLifecycle
import Settings
import Synchronization

/// Gets the archive ready at start, and then keeps looking at it, so that probes cost the database nothing.
///
/// A database that is away is waited for, at start as later: the service then answers 503, and `/readyz` says why.
final class ArchiveService: Service {
    /// How often the archive is looked at.
    static let interval: Duration = .seconds(1)
    /// How long one look, and one try at migrating, may take.
    static let lookTimeout: Duration = .seconds(5)
    static let migrationTimeout: Duration = .seconds(300)
    /// Between tries at start; doubled each time up to the longest.
    static let shortestBackoff: Duration = .milliseconds(500)
    static let longestBackoff: Duration = .seconds(10)

    private let reader: EventReader
    /// Where to migrate; nil not to.
    private let migration: Secret?
    private let logger: Logger
    private let state = Mutex<String?>("not connected yet")

    init(reader: EventReader, migration: Secret?, logger: Logger) {
        (self.reader, self.migration, self.logger) = (reader, migration, logger)
    }

    /// What is wrong with the archive, nil if nothing is.
    var problem: String? { state.withLock { $0 } }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { [self] in
                try await migrate()
                while true {
                    set(await reader.healthProblem(deadline: .now + Self.lookTimeout))
                    try await Task.sleep(for: Self.interval)
                }
            }
        } catch is CancellationError {
            // The way it ends.
        }
    }

    private func set(_ problem: String?) {
        let before = state.withLock { state in
            defer { state = problem }
            return state
        }
        guard before != problem else { return }
        if let problem {
            logger.error("the archive cannot be read", metadata: ["reason": "\(problem)"])
        } else {
            logger.info("the archive can be read")
        }
    }

    /// Creates or upgrades the schema, as soon as the database is there.
    /// - Throws: `ProgramExit` when waiting cannot help; `CancellationError`.
    private func migrate() async throws {
        guard let migration else { return }
        // Of its own, since the reader's sessions may only read, and under a time limit.
        let pool = PostgresPool(
            PostgresConfiguration(connectionString: migration.value, applicationName: "kee-query"),
            maxConnections: 1
        )
        var backoff = Self.shortestBackoff
        do {
            while try await !tryToMigrate(pool) {
                try await Task.sleep(for: backoff * Double.random(in: 0.75...1.25))
                backoff = min(backoff * 2, Self.longestBackoff)
            }
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    private func tryToMigrate(_ pool: PostgresPool) async throws -> Bool {
        do {
            try await EventSchema.migrate(pool, logger: logger, deadline: .now + Self.migrationTimeout)
            return true
        } catch let error as SchemaError {
            throw ProgramExit.failure("cannot use the archive: \(error)")
        } catch let error as PostgresError {
            try Task.checkCancellation()
            if case .server = error.kind, !error.isTransient {
                throw ProgramExit.failure("cannot migrate the schema: \(error.message); or start with --no-migrate")
            }
            set("not connected: \(error.message)")
            return false
        }
    }
}
