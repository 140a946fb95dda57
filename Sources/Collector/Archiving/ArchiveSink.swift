import EventModel
public import EventWriter
import JSON
public import Logging
import Metrics
public import Watch

/// Brings what a watch delivers into the archive. It returns when a batch is committed, however long the database is
/// away: until then nothing more is taken from the watch, and nothing is dropped.
public struct ArchiveSink: WatchSink {
    /// How the archive is doing, for readiness.
    public let status = ArchiveStatus()

    private let writer: EventWriter
    private let rejections: RejectedEvents
    private let logger: Logger
    private let rejected: Counter
    private var patiently: PatientWriting { PatientWriting(status: status, logger: logger) }

    /// Writes through this writer, and keeps aside with `rejections` what cannot be written.
    public init(writer: EventWriter, rejections: RejectedEvents, logger: Logger) {
        self.writer = writer
        self.rejections = rejections
        self.logger = logger
        rejected = Counter(label: "events_rejected_total", dimensions: [("cluster", writer.cluster)])
    }

    /// Returns when the batch is committed or kept aside.
    ///
    /// - Throws: `CancellationError` only.
    public func deliver(_ batch: WatchBatch) async throws {
        var events: [Event] = []
        events.reserveCapacity(batch.objects.count)
        var refused: [(body: JSONValue, reason: String)] = []
        for object in batch.objects {
            switch EventDocument.read(object, isKnownEvent: true) {
            case .success(let event): events.append(event)
            case .failure(let rejection): refused.append((object, "\(rejection)"))
            }
        }
        if !events.isEmpty {
            let outcome = try await patiently.write { deadline in try await writer.write(events, deadline: deadline) }
            for rejected in outcome.rejected { refused.append((events[rejected.index].body, rejected.reason)) }
        }
        for (body, reason) in refused { try await keepAside(body, reason) }
    }

    private func keepAside(_ body: JSONValue, _ reason: String) async throws {
        rejected.increment()
        let name = body["metadata"]?["name"]?.string ?? "?"
        logger.warning(
            "An event cannot be archived and is kept aside",
            metadata: ["name": "\(name)", "reason": "\(reason)"]
        )
        try await patiently.write { deadline in
            try await rejections.keep(body.jsonBytes, reason: reason, deadline: deadline)
        }
    }
}
