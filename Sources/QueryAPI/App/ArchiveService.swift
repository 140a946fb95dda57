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
    private let database: Secret
    private let isMigrating: Bool
    private let logger: Logger
    private let state = Mutex<String?>("not asked yet")

    /// - Parameter isMigrating: whether the schema is created or upgraded; else somebody else is waited for who does.
    init(reader: EventReader, database: Secret, isMigrating: Bool, logger: Logger) {
        (self.reader, self.database, self.isMigrating, self.logger) = (reader, database, isMigrating, logger)
    }

    /// What is wrong with the archive, nil if nothing is.
    var problem: String? { state.withLock { $0 } }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { [self] in
                try await prepare()
                while true {
                    set(await reader.healthProblem(deadline: .now + Self.lookTimeout))
                    try await Task.sleep(for: Self.interval)
                }
            }
        } catch is CancellationError {
            // The way it ends.
        }
    }

    private func set(_ problem: String?, reason: String? = nil) {
        let before = state.withLock { state in
            defer { state = problem }
            return state
        }
        guard before != problem else { return }
        if let problem {
            logger.error("the archive cannot be read", metadata: ["reason": "\(reason ?? problem)"])
        } else {
            logger.info("the archive can be read")
        }
    }

    /// Creates or upgrades the schema, or waits for it, as soon as the database is there.
    /// - Throws: `ProgramExit` when waiting cannot help; `CancellationError`.
    private func prepare() async throws {
        // Of its own, since the reader's sessions may only read, and under a time limit.
        let pool = PostgresPool(
            PostgresConfiguration(connectionString: database.value, applicationName: "kee-query"),
            maxConnections: 1
        )
        var backoff = Self.shortestBackoff
        do {
            while try await !tryToPrepare(pool) {
                try await Task.sleep(for: backoff * Double.random(in: 0.75...1.25))
                backoff = min(backoff * 2, Self.longestBackoff)
            }
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    private func tryToPrepare(_ pool: PostgresPool) async throws -> Bool {
        do {
            if isMigrating {
                try await EventSchema.migrate(pool, logger: logger, deadline: .now + Self.migrationTimeout)
            } else {
                try await EventSchema.check(pool, deadline: .now + Self.lookTimeout)
            }
            return true
        } catch let error as SchemaError {
            if !isMigrating, case .missing = error {
                set("\(error)")
                return false
            }
            throw ProgramExit.failure("cannot use the archive: \(error)")
        } catch let error as PostgresError {
            try Task.checkCancellation()
            if case .server = error.kind, !error.isTransient {
                let what = isMigrating ? "cannot migrate the schema" : "cannot read the schema's version"
                let remedy = isMigrating ? "; or start with --no-migrate" : ""
                throw ProgramExit.failure("\(what): \(error.message)\(remedy)")
            }
            // The reason names the server; that is for the log, not for everyone who may ask for /readyz.
            set("it does not answer", reason: error.message)
            return false
        }
    }
}
