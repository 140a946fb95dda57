import Logging
import ServiceLifecycle
import UnixSignals

/// Runs services until one fails, or a signal asks for the end.
enum Services {
    /// SIGTERM and SIGINT end all of them gracefully. What is not done within 7 s is cancelled, so that the process is
    /// gone within 10.
    static func run(_ services: [any Service], logger: Logger) async throws {
        // What a service throws is told once, by the program.
        var quiet = logger
        quiet.logLevel = .critical
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        configuration.maximumGracefulShutdownDuration = .seconds(7)
        configuration.maximumCancellationDuration = .seconds(2)
        try await ServiceGroup(configuration: configuration).run()
    }
}
