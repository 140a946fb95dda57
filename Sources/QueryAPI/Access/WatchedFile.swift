internal import KubernetesAPI
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// A file whose meaning is kept at hand, and taken up anew when it changes while the service runs.
///
/// A version that is wrong is logged as an error, and the last good one stays in use: what a file with a mistake was to
/// take away is not taken away yet.
final class WatchedFile<Value: Sendable>: Service {
    /// How often it is looked at.
    static var interval: Duration { .seconds(2) }

    private let file: SmallFile
    private let path: String
    private let parse: @Sendable ([UInt8]) throws(AccessFileError) -> Value
    private let interval: Duration
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var value: Value
        var fingerprint: SmallFile.Fingerprint?
        var problem: String?
    }

    /// Reads it for the first time.
    ///
    /// - Throws: `AccessFileError` if it cannot be read or is wrong.
    init(
        path: String,
        interval: Duration = WatchedFile.interval,
        logger: Logger,
        parse: @escaping @Sendable ([UInt8]) throws(AccessFileError) -> Value
    ) async throws(AccessFileError) {
        (self.path, self.interval, self.logger, self.parse) = (path, interval, logger, parse)
        file = SmallFile(path: path)
        let (value, fingerprint) = try await Self.read(SmallFile(path: path), path, parse)
        state = Mutex(State(value: value, fingerprint: fingerprint))
    }

    /// As the last good version of the file has it.
    var value: Value { state.withLock { $0.value } }

    private static func read(
        _ file: SmallFile,
        _ path: String,
        _ parse: ([UInt8]) throws(AccessFileError) -> Value
    ) async throws(AccessFileError) -> (Value, SmallFile.Fingerprint) {
        let content: [UInt8]
        let fingerprint: SmallFile.Fingerprint
        do throws(SmallFile.Failure) {
            // Taken before the content: a change between the two is found the next time.
            fingerprint = try await file.fingerprint()
            content = try await file.read()
        } catch {
            throw AccessFileError(path: path, line: nil, problem: error.problem)
        }
        return (try parse(content), fingerprint)
    }

    /// Looks at the file until the service shuts down.
    func run() async throws {
        try? await cancelWhenGracefulShutdown { [self] in
            while true {
                try await Task.sleep(for: interval)
                await look()
            }
        }
    }

    /// Takes up a new version if there is one.
    func look() async {
        let known = state.withLock { $0.fingerprint }
        if let now = try? await file.fingerprint(), now == known { return }
        do throws(AccessFileError) {
            let (value, fingerprint) = try await Self.read(file, path, parse)
            state.withLock { state in
                (state.value, state.fingerprint, state.problem) = (value, fingerprint, nil)
            }
            logger.notice("a file about access has changed, and is in use", metadata: ["file": "\(path)"])
        } catch {
            let isNew = state.withLock { state in
                defer { state.problem = error.description }
                return state.problem != error.description
            }
            guard isNew else { return }
            logger.error(
                "a file about access has changed and is wrong: the version before stays in use",
                metadata: ["problem": "\(error)"]
            )
        }
    }
}
