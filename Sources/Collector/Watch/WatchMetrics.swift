internal import KubernetesAPI
public import Metrics

/// What a watch counts. The names carry no prefix: the backend adds it. All label values are from fixed sets.
public struct WatchMetrics: Sendable {
    /// The label `type` of `watch_events_total`.
    enum FrameType: String, CaseIterable {
        case listed, added, modified, deleted, bookmark, error, oversized, malformed
    }

    /// The label `kind` of outgoing requests.
    enum RequestKind: String, CaseIterable {
        case list
        case compare
        case watchOpen = "watch_open"
    }

    /// The label `reason` of `watch_restarts_total`, next to those of failures: a clean end.
    static let endedReason = "ended"

    /// The same for a watch that was silent and has been replaced.
    static let silentReason = "silent"

    private let frames: [FrameType: Counter]
    private let restarts: [String: Counter]
    private let unreadable: Counter
    private let lastEvent: Gauge
    private let durations: [RequestKind: Timer]
    private let failures: [RequestKind: Counter]

    /// - Parameter factory: the metrics backend; the process's own by default.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        func each<Key: Hashable, Value>(_ keys: [Key], _ make: (Key) -> Value) -> [Key: Value] {
            Dictionary(uniqueKeysWithValues: keys.map { ($0, make($0)) })
        }
        frames = each(FrameType.allCases) {
            Counter(label: "watch_events_total", dimensions: [("type", $0.rawValue)], factory: factory)
        }
        restarts = each(WatchFailure.reasons + [Self.endedReason, Self.silentReason]) {
            Counter(label: "watch_restarts_total", dimensions: [("reason", $0)], factory: factory)
        }
        unreadable = Counter(label: "watch_unreadable_total", factory: factory)
        lastEvent = Gauge(label: "watch_last_event_timestamp_seconds", factory: factory)
        durations = each(RequestKind.allCases) {
            Timer(label: "request_processing_seconds", dimensions: [("kind", $0.rawValue)], factory: factory)
        }
        failures = each(RequestKind.allCases) {
            Counter(label: "requests_failed_total", dimensions: [("kind", $0.rawValue)], factory: factory)
        }
    }

    func count(_ type: FrameType, by amount: Int = 1) {
        frames[type]?.increment(by: amount)
    }

    /// Notes that an event has come, in microseconds since 1970.
    func eventArrived(at microseconds: Int64) {
        lastEvent.record(Double(microseconds) / 1_000_000)
    }

    /// Notes that a line was passed over, and with it an event.
    func eventMissed() {
        unreadable.increment()
    }

    func restarted(reason: String) {
        restarts[reason]?.increment()
    }

    func answered(_ kind: RequestKind, after duration: Duration) {
        durations[kind]?.record(duration: duration)
    }

    func failed(_ kind: RequestKind) {
        failures[kind]?.increment()
    }
}
