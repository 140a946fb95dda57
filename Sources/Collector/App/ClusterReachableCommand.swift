import ArgumentParser
import HTTPTransfer
import KubernetesAPI
import Logging
import Settings

struct ClusterReachableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster-reachable",
        abstract: "Tells whether the cluster of the kubeconfig answers within 3 seconds; prints the context's name."
    )

    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        let logger = Logger(label: "kee-collector") { _ in SwiftLogNoOpLogHandler() }
        let configuration = try await cluster.configuration(logger: logger)
        let http = HTTPClient(logger: logger)
        var timeouts = KubernetesClient.Timeouts()
        timeouts.connect = .seconds(3)
        timeouts.version = .seconds(3)
        let client = KubernetesClient(
            configuration: configuration,
            http: http,
            version: ProgramVersion.release,
            timeouts: timeouts,
            logger: logger
        )
        let answer: Result<KubernetesVersion, KubernetesAPIError>
        do throws(KubernetesAPIError) {
            answer = .success(try await client.version())
        } catch {
            answer = .failure(error)
        }
        await http.shutdownAndWait()
        _ = try answer.get()
        print(try await cluster.contextName() ?? "in-cluster")
    }
}
