internal import NIOCore
internal import NIOPosix
public import Settings

/// Asks a management listener how it is, for `healthcheck` in images without a shell.
public enum HealthProbe {
    /// What came of it.
    public struct Result: Sendable, Hashable {
        /// True when it answered 200.
        public let isHealthy: Bool
        /// What to print, one line without its end.
        public let line: String
        /// What a program exits with: 0 or 1.
        public var exitCode: Int32 { isHealthy ? 0 : 1 }
    }

    /// An answer is read up to here, in bytes.
    static let answerBound = 64 * 1024

    /// Gets `path` from the listener at this address; one that listens on every interface is asked over loopback.
    /// - Parameters:
    ///   - address: where the program's management listener is.
    ///   - path: `/readyz` or `/livez`.
    ///   - timeout: for all of it. A listener answers within 2 s even when a part of it hangs.
    public static func run(
        _ address: ListenAddress,
        path: String = "/readyz",
        timeout: Duration = .seconds(5)
    ) async -> Result {
        let target = address.reachableLocally
        let outcome = await withTaskGroup(of: Result.self) { group in
            group.addTask { await ask(target, path: path, timeout: timeout) }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return Result(isHealthy: false, line: "\(target)\(path): no answer within \(timeout)")
            }
            let first = await group.next()
            group.cancelAll()
            return first
        }
        return outcome ?? Result(isHealthy: false, line: "\(target)\(path): not asked")
    }

    private static func ask(_ target: ListenAddress, path: String, timeout: Duration) async -> Result {
        do {
            let answer = try await answer(of: target, to: path, timeout: timeout)
            return verdict(answer, "\(target)\(path)")
        } catch {
            return Result(isHealthy: false, line: "\(target)\(path): \(NetworkReason.text(error))")
        }
    }

    private static func answer(of target: ListenAddress, to path: String, timeout: Duration) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(timeout))
            .connect(host: target.host, port: target.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let request = "GET \(path) HTTP/1.1\r\nHost: \(target)\r\nConnection: close\r\n\r\n"
            try await outbound.write(ByteBuffer(string: request))
            var answer = ByteBuffer()
            for try await part in inbound {
                answer.writeImmutableBuffer(part)
                guard answer.readableBytes < answerBound else { break }
            }
            return String(buffer: answer)
        }
    }

    /// Reads the status line and the body of an answer.
    static func verdict(_ answer: String, _ what: String) -> Result {
        let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let status = parts.first?.split(separator: "\r\n").first?.split(separator: " ").dropFirst().first
        guard answer.hasPrefix("HTTP/1."), let status, let code = Int(status) else {
            return Result(isHealthy: false, line: "\(what): this is no HTTP answer")
        }
        let body = parts.count > 1 ? parts[1] : ""
        let said = body.split(whereSeparator: \.isNewline).joined(separator: "; ")
        guard code == 200 else {
            return Result(isHealthy: false, line: "\(what): \(code)" + (said.isEmpty ? "" : " \(said)"))
        }
        return Result(isHealthy: true, line: "ok")
    }
}
