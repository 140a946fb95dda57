import Coverage
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

    /// - Parameter file: kept up to date with what is committed, if there is one.
    public init(file: CursorFile? = nil) {
        self.file = file
    }

    /// When a cursor was committed last by this process; nil if none was.
    public var lastAdvance: ContinuousClock.Instant? { state.withLock { $0.lastAdvance } }

    func committed(_ cursors: [WatchCursor]) {
        guard !cursors.isEmpty else { return }
        let all = state.withLock { state in
            for cursor in cursors {
                let key = cursor.namespace ?? ""
                if let known = state.positions[key], !cursor.position.supersedes(known) { continue }
                state.positions[key] = cursor.position
            }
            state.lastAdvance = .now
            return state.positions
        }
        // The least of all watches: what lies before is there, whatever the namespace.
        if let least = all.values.map(\.stretch.until).min() { coveredUntil.record(Double(least) / 1_000_000) }
        file?.note(all)
    }
}
