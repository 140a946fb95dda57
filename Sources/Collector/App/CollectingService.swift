import Archiving
import ServiceLifecycle
import Synchronization
import Watch

/// Waits for the archive, and then watches.
struct CollectingService: Service {
    let watchers: [EventWatcher]
    let keeper: MonthKeeper
    let schema: SchemaGate
    let prepare: @Sendable () async throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await prepare() }
        } catch is CancellationError {
            return
        }
        schema.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await keeper.run() }
            for watcher in watchers { group.addTask { try await watcher.run() } }
            try await group.waitForAll()
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
