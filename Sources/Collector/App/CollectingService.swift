import Archiving
import Logging
import ServiceLifecycle
import Synchronization
import Watch

/// Waits for the archive, and then watches.
struct CollectingService: Service {
    let watchers: [EventWatcher]
    let keeper: MonthKeeper
    let schema: SchemaGate
    let logger: Logger
    let prepare: @Sendable () async throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await prepare() }
        } catch is CancellationError {
            return
        }
        schema.open()
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await keeper.run() }
                for watcher in watchers { group.addTask { try await watcher.run() } }
                try await group.waitForAll()
            }
        } catch is CancellationError {
            // The time for the end was over first. Nothing is lost that the API server still has.
            logger.warning(
                "Stopped before all that was received could be committed; it is listed again at the next start"
            )
        }
    }
}

/// Whether the schema is ready to be written to.
final class SchemaGate: Sendable {
    private let isReady = Atomic(false)

    func open() {
        isReady.store(true, ordering: .releasing)
    }

    var isOpen: Bool { isReady.load(ordering: .acquiring) }
}
