import ArgumentParser
import Synchronization

@testable import Settings

/// A program as ours are: subcommands, one of them the default.
struct Sample: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        version: "1.2.3",
        subcommands: [SampleWatch.self, SampleMigrate.self, SampleReplay.self, SampleFail.self],
        defaultSubcommand: SampleWatch.self
    )
}

struct SampleWatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "watch")

    @Option var config: String?
    @Option var cluster: String
    @OptionGroup var database: DatabaseOptions
    @Option(name: [.customShort("n"), .customLong("namespace")]) var namespaces: [String] = []
    @Option(transform: ListenAddress.init(parsing:))
    var managementListen = ListenAddress(host: "0.0.0.0", port: 2112)
    @Option var retentionMonths = 60
    @Option var metricsPrefix = "kee_"
    @Option(transform: DurationText.duration(parsing:)) var stallTimeout: Duration = .seconds(90)
    @Flag var noMigrate = false
    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        let parts = [
            "cluster=\(cluster)", "url=\(try database.url())", "namespaces=\(namespaces.joined(separator: "+"))",
            "listen=\(managementListen)", "months=\(retentionMonths)", "prefix=\(metricsPrefix)",
            "stall=\(DurationText.text(stallTimeout))", "noMigrate=\(noMigrate)", "level=\(logging.logLevel)",
        ]
        throw CleanExit.message(parts.joined(separator: " "))
    }
}

struct SampleMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "migrate", aliases: ["upgrade"])

    @Option var config: String?
    @OptionGroup var database: DatabaseOptions

    func run() async throws { throw CleanExit.message("migrate \(try database.url())") }
}

struct SampleReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "replay")

    @Option var cluster: String
    @Argument var files: [String]

    func run() async throws { throw CleanExit.message("replay \(cluster) \(files.joined(separator: "+"))") }
}

/// Ends as it is told to.
struct SampleFail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "fail")

    @Option var how: String

    func run() async throws {
        switch how {
        case "error": throw SampleError()
        case "usage": throw ProgramExit.usage("this cannot be")
        case "failure": throw ProgramExit.failure("cannot open 'x'")
        case "validation": throw ValidationError("not so")
        case "status": throw ExitCode(7)
        default: return
        }
    }
}

struct SampleError: Error, CustomStringConvertible {
    let description = "connection to postgres://kee:hunter2@db/kee failed\n  after 3 tries\u{1B}[31m\n"
}

/// What a run of the sample said and how it ended.
struct Outcome: Sendable {
    let code: Int32
    let standard: String
    let error: String
}

/// Runs the sample; a file that is not in `files` does not exist.
func sample(
    _ words: String...,
    environment: [String: String] = [:],
    files: [String: String] = [:],
    knownElsewhere: Set<String> = []
) async -> Outcome {
    let captured = Captured()
    let code = await KEEProgram.run(
        Sample.self,
        words: words,
        environment: environment,
        knownElsewhere: knownElsewhere,
        readFile: { path in
            guard let text = files[path] else { return try SmallFile.text(at: path, bound: 1024) }
            return text
        },
        output: ProgramOutput(standard: { captured.add(standard: $0) }, error: { captured.add(error: $0) })
    )
    return Outcome(code: code, standard: captured.standard, error: captured.error)
}

final class Captured: Sendable {
    private let texts = Mutex((standard: "", error: ""))
    var standard: String { texts.withLock { $0.standard } }
    var error: String { texts.withLock { $0.error } }
    func add(standard text: String) { texts.withLock { $0.standard += text } }
    func add(error text: String) { texts.withLock { $0.error += text } }
}
