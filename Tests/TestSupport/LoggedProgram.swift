import Foundation

/// A program as a process of its own that says what it says into a file, for runs too long to keep it in memory. It can
/// be started, killed and started again, and ends with this process however that ends.
public final class LoggedProgram: Sendable {
    /// The process that was started.
    public let pid: Int32
    private let exit: Observed<ProgramRun.Exit?>

    private init(pid: Int32, exit: Observed<ProgramRun.Exit?>) {
        (self.pid, self.exit) = (pid, exit)
    }

    /// Starts a program; what it says is appended to `log`.
    ///
    /// - Parameter environment: added to that of this process, from which what would set up our programs is taken out.
    public static func start(
        _ path: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        log: String
    ) async throws -> LoggedProgram {
        let exit = Observed(ProgramRun.Exit?.none)
        let all = ProgramRun.environment(adding: environment)
        let pid = try await withCheckedThrowingContinuation { continuation in
            // The thread that starts it also waits for its end: on Linux it takes the program with it when it dies.
            Thread.detachNewThread {
                do {
                    let process = try SpawnedProcess(path, arguments, environment: all, log: log)
                    continuation.resume(returning: process.pid)
                    process.waitForEnd()
                    // In one step: a signal must not meet another process under its number.
                    exit.change { $0 = process.reap() }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
        return LoggedProgram(pid: pid, exit: exit)
    }

    /// How it ended; nil while it runs.
    public var now: ProgramRun.Exit? { exit.value }

    /// Sends a signal; nothing happens when the program has ended already.
    public func signal(_ signal: Int32) {
        exit.read { exit in
            if exit == nil { _ = Foundation.kill(pid, signal) }
        }
    }

    /// Waits for its end. Throws `CancellationError`.
    @discardableResult
    public func waitForExit() async throws -> ProgramRun.Exit {
        try await exit.wait { $0 != nil }!
    }

    /// SIGKILL, and waits until the program has ended.
    public func kill() async {
        signal(SIGKILL)
        _ = try? await waitForExit()
    }
}
