public import Coverage
import EventWriter
import Metrics
import Synchronization

/// How far the archive holds what the watches brought: for readiness, metrics, and the file from which a collector goes
/// on while the database is away.
public final class CommittedProgress: Sendable {
    private struct State {
        var positions: [String: WatchPosition] = [:]
        var lastAdvance: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let file: CursorFile?
    private let coveredUntil = Gauge(label: "archive_covered_until_timestamp_seconds")
    private let gaps: [CoverageStretch.Cause: Counter]

    /// - Parameter file: kept up to date with what is committed, if there is one.
    public init(file: CursorFile? = nil) {
        self.file = file
        let causes = CoverageStretch.Cause.allCases.filter { $0 != .first }
        gaps = Dictionary(
            uniqueKeysWithValues: causes.map {
                ($0, Counter(label: "coverage_gaps_total", dimensions: [("cause", $0.rawValue)]))
            }
        )
    }

    /// A watch goes on from here, so that a stretch that begins later is known for one behind a gap.
    public func resumed(_ namespace: String?, from position: WatchPosition?) {
        guard let position else { return }
        state.withLock { state in
            if state.positions[namespace ?? ""].map({ position.supersedes($0) }) ?? true {
                state.positions[namespace ?? ""] = position
            }
        }
    }

    /// When a cursor was committed last by this process; nil if none was.
    public var lastAdvance: ContinuousClock.Instant? { state.withLock { $0.lastAdvance } }

    func committed(_ cursors: [WatchCursor]) {
        guard !cursors.isEmpty else { return }
        let (all, begun) = state.withLock { state in
            var begun: [CoverageStretch.Cause] = []
            for cursor in cursors {
                let key = cursor.namespace ?? ""
                let stretch = cursor.position.stretch
                if let known = state.positions[key] {
                    guard cursor.position.supersedes(known) else { continue }
                    if stretch.since != known.stretch.since { begun.append(stretch.cause) }
                }
                state.positions[key] = cursor.position
            }
            state.lastAdvance = .now
            return (state.positions, begun)
        }
        for cause in begun { gaps[cause]?.increment() }
        // The least of all watches: what lies before is there, whatever the namespace.
        if let least = all.values.map(\.stretch.until).min() { coveredUntil.record(Double(least) / 1_000_000) }
        file?.note(all)
    }
}
