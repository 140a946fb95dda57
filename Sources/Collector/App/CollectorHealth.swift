import Archiving
import Management
import Watch

/// When a collector is ready: the schema is there, every watch is connected or briefly not, and what it delivers gets
/// into the archive.
enum CollectorHealth {
    static func checks(schema: SchemaGate, watchers: [EventWatcher], archive: ArchiveStatus) -> [HealthCheck] {
        [
            HealthCheck("database") {
                schema.isOpen
                    ? archive.problem(lastingFor: patience) : "the schema is not ready: the database does not answer"
            },
            HealthCheck("watch") {
                for watcher in watchers {
                    let status = watcher.status.snapshot
                    if schema.isOpen, status.lastActivity == nil {
                        return status.standingError ?? "no list is complete yet"
                    }
                    if let error = status.standingError, let since = status.failingSince,
                        ContinuousClock.now - since >= patience
                    {
                        return error
                    }
                }
                return nil
            },
        ]
    }

    /// A restart of the API server or of PostgreSQL is over sooner.
    private static let patience = Duration.seconds(30)
}
