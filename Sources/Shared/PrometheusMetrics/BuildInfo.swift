extension PrometheusRegistry {
    /// Tells `build_info{version,revision} 1`, the usual way to join a version to other metrics.
    public func registerBuildInfo(version: String, revision: String) {
        describe([
            MetricDescription(
                "build_info",
                help: "The version and revision of this program; always 1.",
                kind: .gauge
            )
        ])
        register {
            [CollectedMetric("build_info", labels: [("version", version), ("revision", revision)], value: 1)]
        }
    }

    /// Tells the standard `process_...` metrics, without prefix. Nothing on systems without `/proc`.
    public func registerProcessMetrics() {
        register { ProcessMetrics.current() }
    }
}
