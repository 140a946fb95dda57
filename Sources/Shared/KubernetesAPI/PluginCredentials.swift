internal import Dispatch
internal import FoundationEssentials
internal import HTTPTransfer
internal import Synchronization

/// The credentials that an exec plugin hands out. It acts; `PluginSchedule` decides.
///
/// One run at a time, on a queue of its own; all who want credentials meanwhile wait for it. When the last of them goes
/// away, the plugin is stopped.
final class PluginCredentials: Sendable {
    typealias Outcome = Result<(ExecCredential, generation: Int), CredentialsError>

    private struct State {
        var schedule = PluginSchedule()
        /// As many as there are requests at once; `HTTPClientLimits` bounds those.
        var waiters: [Int: CheckedContinuation<Outcome, Never>] = [:]
        var lastWaiter = 0
    }

    /// How long one run may take.
    static let timeout = Duration.seconds(60)

    private let plugin: ExecPlugin
    private let timeout: Duration
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "kee.exec-plugin")

    init(_ plugin: ExecPlugin, timeout: Duration = PluginCredentials.timeout) {
        self.plugin = plugin
        self.timeout = timeout
    }

    /// The credential for a request made now, and the number of the run that gave it.
    ///
    /// - Throws: `CredentialsError` if the plugin failed, or the task was cancelled while it ran.
    func current() async throws(CredentialsError) -> (ExecCredential, generation: Int) {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let outcome: Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, starts): (Outcome?, Bool) = state.withLock { state in
                    if Task.isCancelled { return (.failure(Self.cancellation), false) }
                    switch state.schedule.wanted(at: .now) {
                    case .use(let credential, let generation): return (.success((credential, generation)), false)
                    case .refuse(let error): return (.failure(error), false)
                    case .run:
                        state.waiters[id] = continuation
                        return (nil, true)
                    case .wait:
                        state.waiters[id] = continuation
                        return (nil, false)
                    }
                }
                if let answer { continuation.resume(returning: answer) }
                if starts { queue.async { self.run() } }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.resume(returning: .failure(Self.cancellation))
        }
        return try outcome.get()
    }

    /// After a 401: the next `current` runs the plugin again, unless that has happened since.
    func refused(generation: Int) {
        state.withLock { $0.schedule.refused(generation: generation) }
    }

    private static let cancellation = CredentialsError(
        problem: "the wait for the exec plugin was cancelled",
        isCancellation: true
    )
}

/// On the queue.
extension PluginCredentials {
    private func run() {
        let result = execute()
        let (waiters, outcome) = state.withLock { state in
            let now = ContinuousClock.now
            switch result {
            case .success(let credential):
                let lifetime = credential.expiration.map {
                    Duration.microseconds($0.microseconds - MicroTime.now.microseconds)
                }
                state.schedule.succeeded(credential, lifetime: lifetime, at: now)
            case .failure(let error) where error.isCancellation: state.schedule.abandoned()
            case .failure(let error): state.schedule.failed(error, at: now)
            }
            defer { state.waiters = [:] }
            return (state.waiters.values, state.schedule.outcome ?? .failure(Self.cancellation))
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }

    private func execute() -> Result<ExecCredential, CredentialsError> {
        do throws(CredentialsError) {
            var environment = ProcessInfo.processInfo.environment
            guard let path = plugin.location(path: environment["PATH"]) else {
                let hint = plugin.installHint.map { ". " + Self.line($0.utf8.prefix(4096)) } ?? ""
                throw problem("cannot be run: there is no such program\(hint)", isTransient: false)
            }
            environment.merge(plugin.environment) { $1 }
            environment["KUBERNETES_EXEC_INFO"] = plugin.information(authority: try authority())
            let process = PluginProcess(
                path: path,
                arguments: plugin.arguments,
                environment: environment,
                timeout: timeout
            )
            return .success(try credential(of: process))
        } catch {
            return .failure(error)
        }
    }

    private func credential(of process: PluginProcess) throws(CredentialsError) -> ExecCredential {
        let output: PluginProcess.Output
        do {
            output = try process.run { state.withLock { $0.waiters.isEmpty } }
        } catch {
            switch error {
            case .notStarted(let why): throw problem("cannot be run: \(why)")
            case .tooSlow(let said): throw problem("was not done after \(timeout) and was stopped" + Self.said(said))
            case .tooMuch: throw problem("was stopped: it wrote more than \(process.outputLimit) bytes")
            case .abandoned: throw Self.cancellation
            }
        }
        switch output.exit {
        case .code(0): break
        case .code(let code): throw problem("failed with exit code \(code)" + Self.said(output.standardError))
        case .signal(let signal): throw problem("was ended by signal \(signal)" + Self.said(output.standardError))
        }
        do {
            return try ExecCredential(output: output.standardOutput, apiVersion: plugin.apiVersion)
        } catch {
            throw problem("cannot be used: \(error.reason)")
        }
    }

    private func authority() throws(CredentialsError) -> [UInt8]? {
        switch plugin.cluster?.certificateAuthority {
        case nil: return nil
        case .pem(let bytes): return bytes
        case .file(let path):
            do {
                return try SmallFile(path: path).readNow()
            } catch {
                throw CredentialsError(problem: "the certificate authority \(path): \(error.problem)")
            }
        }
    }

    private func problem(_ text: String, isTransient: Bool = true) -> CredentialsError {
        CredentialsError(problem: "\(plugin.name) \(text)", isTransient: isTransient)
    }

    private static func said(_ standardError: [UInt8]) -> String {
        let text = line(standardError)
        return text.isEmpty ? "" : "; it said: \(text)"
    }

    /// One line without control characters, so that a program cannot draw on somebody's terminal.
    private static func line(_ bytes: some Sequence<UInt8>) -> String {
        let printable = bytes.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 }
        return String(decoding: printable, as: UTF8.self).split(separator: " ").joined(separator: " ")
    }
}
