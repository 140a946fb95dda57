import JSON
import TestSupport
import Testing

/// Runs `kee-query` on free ports while `body` runs.
///
/// - Parameter body: gets the program, its event listener and its management listener.
@discardableResult
func withQuery<Value>(
    _ database: String,
    _ arguments: [String] = ["--rate-limit", "0"],
    while body: (ProgramRun, QueryClient, QueryClient) async throws -> Value
) async throws -> Value {
    try await ProgramRun.run(
        "kee-query",
        ["--database-url", database, "--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0"] + arguments
    ) { run in
        let events = QueryClient(try await run.address(after: "the events are served"))
        let management = QueryClient(try await run.address(after: "the management listener is up"))
        return try await body(run, events, management)
    }
}

/// Runs `kee-collector watch` with a kubeconfig while `body` runs.
///
/// - Parameters:
///   - arguments: more of them.
///   - body: gets the program and its management listener.
@discardableResult
func withCollector<Value>(
    _ database: String,
    _ arguments: [String] = [],
    cluster: String = "live",
    kubeconfig: String,
    while body: (ProgramRun, QueryClient) async throws -> Value
) async throws -> Value {
    try await ProgramRun.run(
        "kee-collector",
        [
            "watch", "--cluster", cluster, "--database-url", database, "--kubeconfig", kubeconfig,
            "--management-listen", "127.0.0.1:0",
        ] + arguments
    ) { run in
        try await body(run, QueryClient(try await run.address(after: "the management listener is up")))
    }
}

/// Runs `kee-collector replay` to its end.
func replay(
    _ files: [String],
    into database: String,
    cluster: String = "demo",
    input: ProgramRun.Input = .nothing
) async throws -> ProgramRun.State {
    try await ProgramRun.finished(
        "kee-collector",
        ["replay", "--cluster", cluster, "--database-url", database] + files,
        input: input
    )
}

extension ProgramRun {
    /// The address in the log line with that message.
    func address(after message: String) async throws -> String {
        let line = try await waitForLine(containing: message)
        let address = try JSONDocument(parsing: Array(line.utf8)).root["address"]?.string
        return try #require(address, "\(line)")
    }
}
