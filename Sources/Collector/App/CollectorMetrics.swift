import PrometheusMetrics

/// What the collector's metrics mean; the names carry no prefix here.
enum CollectorMetrics {
    static let descriptions = [
        MetricDescription(
            "events_sent_total",
            help: "Events that the collector has committed to the archive.",
            kind: .counter
        ),
        MetricDescription("events_duplicate_total", help: "Events that were in the archive already.", kind: .counter),
        MetricDescription(
            "events_rejected_total",
            help: "Events that cannot be archived and were kept aside.",
            kind: .counter
        ),
        MetricDescription(
            "database_errors_total",
            help: "Failed database operations, by SQLSTATE class.",
            kind: .counter
        ),
        MetricDescription("watch_events_total", help: "What the watch has received, by type.", kind: .counter),
        MetricDescription("watch_restarts_total", help: "Why requests of the watch were begun anew.", kind: .counter),
        MetricDescription(
            "watch_last_event_timestamp_seconds",
            help: "When the watch last received an event, in seconds since 1970.",
            kind: .gauge
        ),
        MetricDescription("leader", help: "1 while this collector holds the lease and watches.", kind: .gauge),
        MetricDescription(
            "leader_transitions_total",
            help: "How often this collector has begun or ceased to hold the lease.",
            kind: .counter
        ),
        MetricDescription("requests_failed_total", help: "Outgoing requests that failed, by kind.", kind: .counter),
        MetricDescription(
            "request_processing_seconds",
            help: "How long outgoing requests took, by kind.",
            kind: .summary
        ),
    ]
}
