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
        MetricDescription(
            "watch_unreadable_total",
            help: "Lines of the watch that were passed over, and with each of them an event.",
            kind: .counter
        ),
        MetricDescription("watch_restarts_total", help: "Why requests of the watch were begun anew.", kind: .counter),
        MetricDescription(
            "watch_last_event_timestamp_seconds",
            help: "When the watch last received an event, in seconds since 1970.",
            kind: .gauge
        ),
        MetricDescription(
            "watch_unreadable_total",
            help: "Events that came and could not be read; each is a gap in the coverage.",
            kind: .counter
        ),
        MetricDescription(
            "archive_covered_until_timestamp_seconds",
            help: "Until when the archive holds everything that the API server told, in seconds since 1970.",
            kind: .gauge
        ),
        MetricDescription(
            "coverage_gaps_total",
            help: "Stretches of coverage that began behind a gap, by what had happened.",
            kind: .counter
        ),
        MetricDescription("spool_bytes", help: "Bytes that the spool takes on disk.", kind: .gauge),
        MetricDescription("spool_records", help: "Batches in the spool that are not in the archive yet.", kind: .gauge),
        MetricDescription("spool_appended_total", help: "Batches that went into the spool.", kind: .counter),
        MetricDescription(
            "spool_drained_total",
            help: "Batches that went from the spool to the archive.",
            kind: .counter
        ),
        MetricDescription(
            "spool_corrupt_bytes_total",
            help: "Bytes of the spool that could not be read and were set aside.",
            kind: .counter
        ),
        MetricDescription("leader", help: "1 while this collector holds the lease and watches.", kind: .gauge),
        MetricDescription(
            "leader_transitions_total",
            help: "How often this collector has begun or ceased to hold the lease.",
            kind: .counter
        ),
        MetricDescription(
            "owners_recorded_total",
            help: "Objects that were recorded with who owns them, by what is known of that.",
            kind: .counter
        ),
        MetricDescription(
            "owners_dropped_total",
            help: "Objects whose owner was not asked for; the next event of the object asks again.",
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
