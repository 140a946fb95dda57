import ArgumentParser
import Management
import Settings

struct HealthcheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Asks a running collector whether it is ready; exits 0 if it is, and 1 if not."
    )

    @OptionGroup var management: ManagementOptions

    func run() async throws {
        let result = await HealthProbe.run(management.managementListen)
        guard result.isHealthy else { throw ProgramExit.failure(result.line) }
        print(result.line)
    }
}
