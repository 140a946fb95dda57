import Foundation
import Synchronization
import TestSupport

/// The bearer token as the server keeps it and as the collectors read it, in a file each.
final class TokenFiles: Sendable {
    /// The server's file.
    let server: String
    private let folder: String
    private let count = Mutex(1)

    init(folder: String) throws {
        self.folder = folder
        server = folder + "/server-token"
        try Data("token-1\n".utf8).write(to: URL(fileURLWithPath: server))
        try write("token-1")
    }

    private var client: String { folder + "/token" }

    /// A token that was not used yet.
    func next() -> String {
        count.withLock { count in
            count += 1
            return "token-\(count)"
        }
    }

    /// Gives it to the collectors, as a kubelet does: the file is replaced.
    func write(_ token: String) throws {
        try Data((token + "\n").utf8).write(to: URL(fileURLWithPath: client), options: .atomic)
    }

    /// - Returns: the path.
    func writeKubeconfig(server: String) throws -> String {
        let path = folder + "/kubeconfig"
        let text = """
            apiVersion: v1
            kind: Config
            current-context: chaos
            clusters:
            - {name: chaos, cluster: {server: "\(server)"}}
            users:
            - {name: chaos, user: {tokenFile: "\(client)"}}
            contexts:
            - {name: chaos, context: {cluster: chaos, user: chaos}}
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}
