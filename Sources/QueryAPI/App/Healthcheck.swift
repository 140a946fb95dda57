import ArgumentParser
import Management
import Settings

/// `kee-query healthcheck`: for images without a shell.
struct Healthcheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Asks a running kee-query on this machine whether it is ready; exits with 0 if it is."
    )

    @Option(help: ArgumentHelp("A YAML file with settings under 'kee:'.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp("Where the service listens for probes.", valueName: "host:port"),
        transform: ListenAddress.init(parsing:)
    )
    var managementListen = Serve.defaultManagementListen

    func run() async throws {
        let result = await HealthProbe.run(managementListen)
        guard result.isHealthy else { throw ProgramExit.failure(result.line) }
        print(result.line)
    }
}
