import Coverage
import JSON
import TestSupport
import Watch

/// A sink that keeps what it is given, and can be slow or give up.
final class RecordingSink: WatchSink {
    struct GivenUp: Error {}

    let batches = Observed<[WatchBatch]>([])
    /// Deliveries wait while this is true; what is asked for before waiting is counted in `asked`.
    let isHeld = Observed(false)
    let asked = Observed(0)
    private let failsAfter: Int?

    init(failsAfter: Int? = nil) { self.failsAfter = failsAfter }

    func deliver(_ batch: WatchBatch) async throws {
        asked.change { $0 += 1 }
        try await isHeld.wait { !$0 }
        if let failsAfter, batches.value.count >= failsAfter { throw GivenUp() }
        batches.change { $0.append(batch) }
    }

    /// Name and version of all events, in order.
    var events: [String] { Self.events(batches.value) }

    /// The version that was reached last.
    var version: String? { batches.value.compactMap(\.position?.resourceVersion).last }

    static func events(_ batches: [WatchBatch]) -> [String] {
        batches.flatMap(\.objects).map { object in
            let metadata = object["metadata"]
            return "\(metadata?["name"]?.string ?? "?")@\(metadata?["resourceVersion"]?.string ?? "?")"
        }
    }

    func wait(untilCount count: Int) async throws {
        try await batches.wait { $0.reduce(0) { $0 + $1.objects.count } >= count }
    }

    func wait(untilVersion version: Int) async throws {
        try await batches.wait { $0.contains { $0.position?.resourceVersion == "\(version)" } }
    }
}
