import JSON
import Synchronization

/// The part of an API server that reviews tokens and access, as a real one answers (1.36): 201, the question with a
/// status added.
public final class FakeReviewAPI: Sendable {
    /// Somebody whom the cluster knows.
    public struct User: Sendable {
        /// `status.user.username`.
        public var name: String
        /// `status.user.groups`, without `system:authenticated`.
        public var groups: [String]
        /// For whom their token is.
        public var audiences: [String]

        /// See the properties.
        public init(_ name: String, groups: [String] = [], audiences: [String] = ["https://kubernetes.default.svc"]) {
            (self.name, self.groups, self.audiences) = (name, groups, audiences)
        }
    }

    private struct State {
        var users: [String: User]
        var rights: [String: Set<String>]
        var isAway = false
        var isForbidden = false
        var gate: ScriptedHTTPServer.Gate?
    }

    /// What the kubeconfig of who asks must show.
    public static let reviewerToken = "reviewer"

    private let state: Mutex<State>

    /// - Parameters:
    ///   - users: by their token.
    ///   - rights: by user or group, the namespaces whose events they may list; `*` for all of them.
    public init(users: [String: User], rights: [String: Set<String>]) {
        state = Mutex(State(users: users, rights: rights))
    }

    /// Whether connections are cut without an answer.
    public func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    /// Whether who asks may not create reviews.
    public func setForbidden(_ isForbidden: Bool) { state.withLock { $0.isForbidden = isForbidden } }

    /// Holds every answer until it is open.
    public func hold(_ gate: ScriptedHTTPServer.Gate?) { state.withLock { $0.gate = gate } }

    /// Takes away a token.
    public func forget(token: String) { state.withLock { $0.users[token] = nil } }

    /// Sets what a user or a group may list.
    public func allow(_ name: String, _ namespaces: Set<String>) { state.withLock { $0.rights[name] = namespaces } }

    /// Answers a request.
    public func answer(_ request: ScriptedHTTPServer.Request) async -> [ScriptedHTTPServer.Step] {
        let now = state.withLock { $0 }
        if let gate = now.gate { try? await gate.wait() }
        if now.isAway { return [.reset] }
        guard request.header("Authorization") == "Bearer \(Self.reviewerToken)" else {
            return [Self.status("401 Unauthorized", 401, "Unauthorized")]
        }
        if now.isForbidden { return [Self.status("403 Forbidden", 403, "Forbidden")] }
        guard request.method == "POST", request.header("Content-Type") == "application/json",
            let root = try? JSONDocument(parsing: request.body).root, let spec = root["spec"]
        else { return [Self.status("400 Bad Request", 400, "BadRequest")] }
        switch request.uri {
        case "/apis/authentication.k8s.io/v1/tokenreviews":
            return [Self.created(root, Self.tokenStatus(spec, now.users))]
        case "/apis/authorization.k8s.io/v1/subjectaccessreviews":
            return [Self.created(root, Self.accessStatus(spec, now.rights))]
        default:
            return [Self.status("404 Not Found", 404, "NotFound")]
        }
    }

    private static func tokenStatus(_ spec: JSONValue, _ users: [String: User]) -> String {
        let asked = spec["audiences"]?.elements.compactMap(\.string) ?? []
        guard let user = users[spec["token"]?.string ?? ""],
            asked.isEmpty || asked.contains(where: user.audiences.contains)
        else { return #"{"user":{},"error":"[invalid bearer token, token lookup failed]"}"# }
        let groups = (user.groups + ["system:authenticated"]).map { "\"\($0)\"" }.joined(separator: ",")
        let audiences = (asked.isEmpty ? user.audiences : asked.filter(user.audiences.contains))
            .map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"authenticated":true,"user":{"username":"\#(user.name)","uid":"uid-of-\#(user.name)","groups":"#
            + #"[\#(groups)],"extra":{"authentication.kubernetes.io/credential-id":["JTI=1"]}},"#
            + #""audiences":[\#(audiences)]}"#
    }

    private static func accessStatus(_ spec: JSONValue, _ rights: [String: Set<String>]) -> String {
        let attributes = spec["resourceAttributes"]
        let isAboutEvents =
            attributes?["verb"]?.string == "list" && attributes?["resource"]?.string == "events"
            && attributes?["group"]?.string == ""
        let namespace = attributes?["namespace"]?.string ?? ""
        let names = [spec["user"]?.string ?? ""] + (spec["groups"]?.elements.compactMap(\.string) ?? [])
        let isAllowed = names.contains { name in
            rights[name].map { $0.contains("*") || !namespace.isEmpty && $0.contains(namespace) } ?? false
        }
        guard isAboutEvents, isAllowed else { return #"{"allowed":false}"# }
        return #"{"allowed":true,"reason":"RBAC: allowed by RoleBinding"}"#
    }

    private static func created(_ question: JSONValue, _ status: String) -> ScriptedHTTPServer.Step {
        var body = Array(question.jsonBytes)
        body.removeLast()
        body += Array(#","metadata":{"creationTimestamp":null},"status":\#(status)}"#.utf8)
        return .answer("201 Created", ["Content-Type: application/json"], body: body)
    }

    private static func status(_ line: String, _ code: Int, _ reason: String) -> ScriptedHTTPServer.Step {
        let body = """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\(reason)",\
            "reason":"\(reason)","code":\(code)}
            """
        return .answer(line, ["Content-Type: application/json"], body: Array(body.utf8))
    }
}

extension ScriptedHTTPServer.Log.Entries {
    /// Reviews of tokens that were asked for.
    public var tokenReviews: Int { requests.filter { $0.uri.hasSuffix("/tokenreviews") }.count }
    /// Reviews of access that were asked for.
    public var accessReviews: Int { requests.filter { $0.uri.hasSuffix("/subjectaccessreviews") }.count }
}
