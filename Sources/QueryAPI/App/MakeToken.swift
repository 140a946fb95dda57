import Access
import ArgumentParser
import Settings

/// `kee-query token`: makes a token for `--token-file`. It writes no file and asks nobody.
struct MakeToken: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Makes a token for --access token: prints the token, and the line for the file.",
        discussion: """
            The first line of the output is the token: give it to who will use it; it stands nowhere else. The second is \
            for --token-file, which holds its hash only.
            """
    )

    @Argument(help: "Who will use it: a name for the log, without spaces.")
    var name: String

    @Argument(help: "What it may see: '*', a cluster, or cluster/namespace; several are possible.")
    var grants: [String]

    func run() async throws {
        do throws(AccessFileError) {
            let made = try NewToken(name: name, grants: grants)
            print(made.token)
            print(made.line)
        } catch {
            throw ProgramExit.usage(error.problem)
        }
    }
}
