import ArgumentParser
import Management
import Metrics
import PrometheusMetrics
import Settings

/// Where the program tells of itself, and under which names.
struct ManagementOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where /metrics, /livez and /readyz are served.", valueName: "host:port"),
        transform: { try ListenAddress(parsing: $0) }
    )
    var managementListen = ListenAddress(host: "0.0.0.0", port: 2112)

    @Option(
        help: ArgumentHelp("What stands before the name of every metric; may be empty.", valueName: "text"),
        transform: { try MetricsPrefix(parsing: $0) }
    )
    var metricsPrefix = MetricsPrefix.kee

    /// Sets up the metrics of the process; once.
    func bootstrapMetrics() -> PrometheusRegistry {
        let registry = PrometheusRegistry(prefix: metricsPrefix, descriptions: CollectorMetrics.descriptions)
        registry.registerBuildInfo(version: ProgramVersion.release, revision: ProgramVersion.revision)
        registry.registerProcessMetrics()
        MetricsSystem.bootstrap(registry)
        return registry
    }
}
