import Postgres
import PrometheusMetrics

/// What the metrics of this program mean.
enum QueryMetrics {
    static let descriptions = [
        MetricDescription(
            "requests_total",
            help: "Requests answered, by route, method and status.",
            kind: .counter
        ),
        MetricDescription(
            "request_processing_seconds",
            help: "Time from a request's head to its answer, by route; of requests to others, by kind.",
            kind: .summary
        ),
        MetricDescription(
            "requests_failed_total",
            help: "Requests answered with a status of 500 or more, by route.",
            kind: .counter
        ),
        MetricDescription(
            "exceptions_total",
            help: "Errors that nobody foresaw; each is in the log.",
            kind: .counter
        ),
        MetricDescription(
            "rate_limited_total",
            help: "Requests refused because their client made too many.",
            kind: .counter
        ),
        MetricDescription("live_listeners", help: "Clients that listen to live tails now.", kind: .gauge),
        MetricDescription(
            "live_feed_lag_seconds",
            help: "How long the oldest committed event has been waiting, until an older transaction is over, before "
                + "live tails may show it; 0 if none waits.",
            kind: .gauge
        ),
        MetricDescription(
            "live_resets_total",
            help: "Listeners told that events may be missing before what they get.",
            kind: .counter
        ),
        MetricDescription(
            "live_refused_total",
            help: "Clients refused because too many listen already.",
            kind: .counter
        ),
        MetricDescription(
            "connections",
            help: "Connections to the event listener.",
            kind: .gauge
        ),
        MetricDescription(
            "connections_cut_total",
            help: "Connections and HTTP/2 streams that were closed for lack of progress, by reason.",
            kind: .counter
        ),
        MetricDescription(
            "connections_refused_total",
            help: "Connections refused because all others were at work, by the bound that was met.",
            kind: .counter
        ),
        MetricDescription(
            "accept_errors_total",
            help: "Connections that could not be accepted, for want of file descriptors above all.",
            kind: .counter
        ),
        MetricDescription(
            "unsent_bytes",
            help: "Bytes of larger answers that clients have not taken yet.",
            kind: .gauge
        ),
        MetricDescription(
            "tls_reload_failures_total",
            help: "Certificates that were not reloaded because they cannot be used.",
            kind: .counter
        ),
        MetricDescription(
            "tls_certificate_expiry_timestamp_seconds",
            help: "When the event listener's certificate ends.",
            kind: .gauge
        ),
        MetricDescription(
            "access_denied_total",
            help: "Requests refused for who sent them, by mode of access and result.",
            kind: .counter
        ),
        MetricDescription(
            "access_requests_failed_total",
            help: "Requests to API servers and the OpenID provider, to find out who may read, that failed, by kind.",
            kind: .counter
        ),
        MetricDescription(
            "exports_under_way",
            help: "Exports that are being sent.",
            kind: .gauge
        ),
        MetricDescription(
            "exports_refused_total",
            help: "Exports refused because as many were under way as may be.",
            kind: .counter
        ),
        MetricDescription(
            "exports_broken_total",
            help: "Exports that ended early because the archive failed.",
            kind: .counter
        ),
        MetricDescription(
            "database_errors_total",
            help: "Errors of the database, by class.",
            kind: .counter
        ),
        MetricDescription(
            "database_connections",
            help: "Connections to the database, by state.",
            kind: .gauge
        ),
        MetricDescription(
            "database_waiting_requests",
            help: "Requests that wait for a connection to the database.",
            kind: .gauge
        ),
    ]
}

extension PrometheusRegistry {
    /// Tells how the pool is used, whenever metrics are read.
    func registerPool(_ pool: PostgresPool) {
        register {
            let numbers = pool.statistics
            return [
                CollectedMetric(
                    "database_connections",
                    labels: [("state", "idle")],
                    value: Double(numbers.idle)
                ),
                CollectedMetric(
                    "database_connections",
                    labels: [("state", "busy")],
                    value: Double(numbers.open - numbers.idle)
                ),
                CollectedMetric("database_waiting_requests", value: Double(numbers.waiting)),
            ]
        }
    }
}
