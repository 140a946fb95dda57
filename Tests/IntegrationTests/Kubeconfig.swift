import TestSupport

/// A kubeconfig for a server of the tests, in a folder of its own.
final class Kubeconfig: Sendable {
    let path: String
    private let folder: TemporaryDirectory

    /// - Parameters:
    ///   - authority: a PEM file with the server's authority, for https.
    ///   - token: what the token file holds at first; nil for no user at all.
    init(server: String, authority: String? = nil, token: String? = nil) throws {
        folder = try TemporaryDirectory()
        let trust = authority.map { ", certificate-authority: \"\($0)\"" } ?? ""
        var user = "{}"
        if let token { user = "{tokenFile: \"\(try folder.write(token.utf8, to: "token"))\"}" }
        path = try folder.write(
            """
            apiVersion: v1
            kind: Config
            current-context: test
            clusters:
            - {name: test, cluster: {server: "\(server)"\(trust)}}
            users:
            - {name: test, user: \(user)}
            contexts:
            - {name: test, context: {cluster: test, user: test}}
            """.utf8,
            to: "kubeconfig"
        )
    }

    /// Puts another token into the file, as a rotation does.
    func rotate(token: String) throws {
        try folder.write(token.utf8, to: "token")
    }
}
