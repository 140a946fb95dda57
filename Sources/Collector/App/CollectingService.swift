import Archiving
import KubernetesAPI
import LeaderElection
import Logging
import Owners
import ServiceLifecycle
import Watch

/// Everything that a collector does beside answering on its management address.
struct CollectingService: Service {
    /// Makes the archive ready, and opens its gates.
    let admission: Admission
    let keeper: MonthKeeper
    let feedKeeper: FeedKeeper
    /// Nil without a spool.
    let drain: SpoolDrain?
    let watching: Watching
    /// Nil to watch without asking anybody.
    let elector: LeaderElector?
    let logger: Logger

    func run() async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await cancelWhenGracefulShutdown { try await admission.run() } }
                group.addTask {
                    try await cancelWhenGracefulShutdown { try await admission.schema.wait() }
                    try await keeper.run()
                }
                group.addTask {
                    try await cancelWhenGracefulShutdown { try await admission.schema.wait() }
                    try await feedKeeper.run()
                }
                if let drain { group.addTask { try await drain.run() } }
                group.addTask {
                    if let elector {
                        try await elector.run(whileLeading: { try await watching.run() })
                    } else {
                        try await watching.run()
                    }
                }
                while let result = await group.nextResult() {
                    // Waiting for something that did not come before the end is no failure.
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
        } catch is CancellationError {
            // The time for the end was over first. Nothing is lost that the API server still has.
            logger.warning(
                "Stopped before all that was received could be committed; the next start goes on from the last commit"
            )
        }
    }
}

/// Watches, from where the archive or the spool says.
struct Watching: Sendable {
    let client: KubernetesClient
    /// With the status of each; a nil namespace stands for all.
    let watches: [(namespace: String?, status: WatchStatus)]
    let sink: ArchiveSink
    let positions: ResumePositions
    let progress: CommittedProgress
    let options: WatchOptions
    /// Nil if owners are not recorded.
    let owners: OwnerRecorder?
    let logger: Logger

    func run() async throws {
        let namespaces = watches.map(\.namespace)
        let starts = try await cancelWhenGracefulShutdown {
            try await positions.positions(of: namespaces)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Only who watches asks: what a replica drains that stands by may be long gone.
            if let owners { group.addTask { await owners.run() } }
            for (watch, position) in zip(watches, starts) {
                progress.resumed(watch.namespace, from: position)
                let watcher = EventWatcher(
                    client: client,
                    namespace: watch.namespace,
                    resumingFrom: position,
                    sink: sink,
                    status: watch.status,
                    options: options,
                    logger: logger
                )
                group.addTask { try await watcher.run() }
            }
            try await group.waitForAll()
        }
    }
}
