import Coverage
public import EventModel
public import EventWriter
import JSON
public import Logging
import Metrics

/// Commits batches and remembers how far they reach.
public struct ArchiveStore: Sendable {
    /// How far the archive holds what the watches brought.
    public let progress: CommittedProgress

    private let writer: EventWriter
    private let logger: Logger
    private let rejected: Counter
    private let onCommitted: (@Sendable ([Event]) -> Void)?

    /// Writes through this writer.
    ///
    /// - Parameter onCommitted: told the events of each batch that is in the archive, those included that were there
    ///   before. It must return at once: the watch waits for it.
    public init(
        writer: EventWriter,
        progress: CommittedProgress,
        logger: Logger,
        onCommitted: (@Sendable ([Event]) -> Void)? = nil
    ) {
        self.writer = writer
        self.progress = progress
        self.logger = logger
        self.onCommitted = onCommitted
        rejected = Counter(label: "events_rejected_total", dimensions: [("cluster", writer.cluster)])
    }

    /// Commits a batch, all of it in one transaction.
    ///
    /// - Throws: `PostgresError`; whatever may have been committed, the same batch may be written again.
    func commit(_ batch: ArchiveBatch, deadline: ContinuousClock.Instant) async throws {
        let cursors = batch.cursors
        let outcome = try await writer.write(
            batch.events,
            refused: batch.refused,
            cursors: cursors,
            deadline: deadline
        )
        for event in batch.refused { tell(name: "?", reason: event.reason) }
        for event in outcome.rejected {
            let name = batch.events[event.index].metadata?.name?.string
            tell(name: name ?? "?", reason: event.reason)
        }
        progress.committed(cursors)
        onCommitted?(batch.events)
    }

    private func tell(name: String, reason: String) {
        rejected.increment()
        logger.warning(
            "An event cannot be archived and is kept aside in kee.rejected_event",
            metadata: ["name": "\(name)", "reason": "\(reason)"]
        )
    }
}
