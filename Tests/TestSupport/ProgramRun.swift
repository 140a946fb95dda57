import Foundation

/// One of our programs as a process of its own: what it says, how it ends, signals to it.
///
/// What it says is kept up to `outputBound` for each stream; the rest is read and dropped, so that the program never
/// waits for us. Threads of their own read, write and wait: none of Swift's pool blocks.
public final class ProgramRun: Sendable {
    /// What has come of a program so far.
    public struct State: Sendable {
        /// What it wrote to standard output, up to the bound.
        public var standardOutput: [UInt8] = []
        /// What it wrote to standard error, up to the bound.
        public var standardError: [UInt8] = []
        /// Nil while it runs.
        public var exit: Exit?
        /// Streams that have come to their end.
        var finishedStreams = 0

        /// Standard output as text.
        public var output: String { String(decoding: standardOutput, as: UTF8.self) }
        /// Standard error as text.
        public var errors: String { String(decoding: standardError, as: UTF8.self) }
        /// Standard error, line by line.
        public var errorLines: [Substring] { errors.split(separator: "\n") }
    }

    /// How a program ended.
    public enum Exit: Sendable, Equatable {
        case code(Int32)
        case signal(Int32)
    }

    /// What a program reads from standard input.
    public enum Input: Sendable {
        /// Nothing: `/dev/null`.
        case nothing
        /// These bytes through a pipe, which is closed behind them.
        case bytes([UInt8])
        /// These bytes through a pipe, which stays open as long as the program runs.
        case endless([UInt8])
    }

    /// Bytes kept of each stream.
    static let outputBound = 8 << 20

    /// The process that was started; a program has no children.
    public let pid: Int32
    let state: Observed<State>
    private let name: String

    private init(name: String, pid: Int32, state: Observed<State>) {
        (self.name, self.pid, self.state) = (name, pid, state)
    }

    /// What has come of it so far.
    public var now: State { state.value }

    /// Starts a program and runs `body`; kills it when that is over, unless it has ended by then.
    ///
    /// - Parameters:
    ///   - program: `kee-collector` or `kee-query`, from the folder that the tests were built into.
    ///   - environment: added to that of the tests, from which what would set up our programs, libpq or the
    ///     Kubernetes client is taken out.
    @discardableResult
    public static func run<Value>(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        input: Input = .nothing,
        while body: (ProgramRun) async throws -> Value
    ) async throws -> Value {
        let run = try await start(program, arguments, environment: environment, input: input)
        do {
            let value = try await body(run)
            await run.kill()
            return value
        } catch {
            await run.kill()
            // Otherwise nobody learns why it did not do what was waited for.
            throw ProgramFailure("\(error)\n\(program) said: \(run.now.errors.suffix(4000))")
        }
    }

    /// Runs a program to its end, which has to come within `limit`.
    public static func finished(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        input: Input = .nothing,
        within limit: Duration = .seconds(60)
    ) async throws -> State {
        try await run(program, arguments, environment: environment, input: input) { run in
            try await run.waitForExit(within: limit)
            return run.now
        }
    }

    private static func start(
        _ program: String,
        _ arguments: [String],
        environment: [String: String],
        input: Input
    ) async throws -> ProgramRun {
        let path = try Self.path(of: program)
        let state = Observed(State())
        let all = Self.environment(adding: environment)
        let pid = try await withCheckedThrowingContinuation { continuation in
            // The thread that starts it also waits for its end: on Linux it takes the program with it when it dies.
            Thread.detachNewThread {
                do {
                    let process = try SpawnedProcess(path, arguments, environment: all, input: input, state: state)
                    continuation.resume(returning: process.pid)
                    process.waitForEnd()
                    // In one step: a signal must not meet another process under its number.
                    state.change { $0.exit = process.reap() }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
        return ProgramRun(name: program, pid: pid, state: state)
    }

    /// Sends a signal; nothing happens when the program has ended already.
    public func signal(_ signal: Int32) {
        state.read { state in
            if state.exit == nil { _ = Foundation.kill(pid, signal) }
        }
    }

    /// SIGKILL, and waits until the program has ended.
    public func kill() async {
        signal(SIGKILL)
        _ = try? await state.wait { $0.exit != nil }
    }

    /// Waits for its end and for all that it said.
    @discardableResult
    public func waitForExit(within limit: Duration = .seconds(60)) async throws -> Exit? {
        try await wait("its end", within: limit) { $0.exit != nil && $0.finishedStreams == 2 }.exit
    }

    /// Waits until it has written a line with this text to standard error, and returns the line.
    public func waitForLine(containing text: String, within limit: Duration = .seconds(60)) async throws -> String {
        let state = try await wait("\"\(text)\" on standard error", within: limit) { state in
            state.exit != nil || state.errors.contains(text)
        }
        guard let line = state.errorLines.first(where: { $0.contains(text) }) else {
            throw ProgramFailure("\(name) ended without \"\(text)\"")
        }
        return String(line)
    }

    /// Waits until what it said is as wanted.
    @discardableResult
    private func wait(
        _ what: String,
        within limit: Duration,
        until isWanted: @escaping @Sendable (State) -> Bool
    ) async throws -> State {
        try await within(limit, "\(what) of \(name)") { [state] in try await state.wait(until: isWanted) }
    }
}

/// A program did not do what it should.
public struct ProgramFailure: Error, CustomStringConvertible {
    /// What was expected, and what it said.
    public let description: String

    init(_ description: String) { self.description = description }
}
