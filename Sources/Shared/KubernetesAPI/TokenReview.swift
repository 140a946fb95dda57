internal import JSON

/// Who a bearer token belongs to, as an API server's TokenReview says.
public struct ReviewedUser: Sendable, Hashable {
    /// `system:serviceaccount:shop:web`, or whatever the API server's authenticators call people.
    public var username: String
    /// Empty where the authenticator knows none.
    public var uid: String
    /// All groups, `system:authenticated` included.
    public var groups: [String]
    /// What authorizers may want to know besides, such as scopes.
    public var extra: [String: [String]]

    /// From its parts.
    public init(username: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        (self.username, self.uid, self.groups, self.extra) = (username, uid, groups, extra)
    }
}

/// A question of authentication.k8s.io/v1 and its answer.
enum TokenReview {
    struct Malformed: Error { let reason: String }

    /// - Parameter audiences: of whom the token must be for one at least; none means the API server's own.
    static func body(token: String, audiences: [String]) -> [UInt8] {
        var output = JSONOutput()
        output.write("{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenReview\",\"spec\":{\"token\":")
        output.write(string: token)
        if !audiences.isEmpty {
            output.write(",\"audiences\":")
            output.write(strings: audiences)
        }
        output.write("}}")
        return output.bytes
    }

    /// Nil for a token that is not accepted.
    ///
    /// An authenticator that knows nothing of audiences answers without any, and may have accepted a token that is for
    /// somebody else; Kubernetes leaves the check to who asks. Source: TokenReviewStatus, `audiences`.
    static func user(body: [UInt8], audiences: [String]) throws(Malformed) -> ReviewedUser? {
        guard let root = try? JSONDocument(parsing: body).root, root["kind"]?.string == "TokenReview",
            let status = root["status"], status.kind == .object
        else { throw Malformed(reason: "the answer is no TokenReview with a status") }
        guard status["authenticated"]?.bool == true else { return nil }
        if !audiences.isEmpty {
            let accepted = status["audiences"]?.elements.compactMap(\.string) ?? []
            guard accepted.contains(where: audiences.contains) else { return nil }
        }
        guard let user = status["user"], let username = user["username"]?.string, !username.isEmpty else {
            throw Malformed(reason: "the TokenReview is authenticated and names no user")
        }
        var extra: [String: [String]] = [:]
        if let members = user["extra"]?.members {
            for member in members { extra[member.key.string] = member.value.elements.compactMap(\.string) }
        }
        return ReviewedUser(
            username: username,
            uid: user["uid"]?.string ?? "",
            groups: user["groups"]?.elements.compactMap(\.string) ?? [],
            extra: extra
        )
    }
}

/// A question of authorization.k8s.io/v1 and its answer.
enum SubjectAccessReview {
    /// - Parameter namespace: nil for all of them.
    static func body(listEventsIn namespace: String?, _ user: ReviewedUser) -> [UInt8] {
        var output = JSONOutput()
        output.write("{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SubjectAccessReview\",\"spec\":{\"user\":")
        output.write(string: user.username)
        if !user.uid.isEmpty {
            output.write(",\"uid\":")
            output.write(string: user.uid)
        }
        if !user.groups.isEmpty {
            output.write(",\"groups\":")
            output.write(strings: user.groups)
        }
        if !user.extra.isEmpty {
            output.write(",\"extra\":{")
            for (index, (key, values)) in user.extra.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { output.write(",") }
                output.write(string: key)
                output.write(":")
                output.write(strings: values)
            }
            output.write("}")
        }
        output.write(
            ",\"resourceAttributes\":{\"verb\":\"list\",\"group\":\"\",\"version\":\"v1\",\"resource\":\"events\""
        )
        if let namespace {
            output.write(",\"namespace\":")
            output.write(string: namespace)
        }
        output.write("}}}")
        return output.bytes
    }

    /// What an authorizer denies is denied, whatever another one says.
    static func isAllowed(body: [UInt8]) throws(TokenReview.Malformed) -> Bool {
        guard let root = try? JSONDocument(parsing: body).root, root["kind"]?.string == "SubjectAccessReview",
            let status = root["status"], status.kind == .object
        else { throw TokenReview.Malformed(reason: "the answer is no SubjectAccessReview with a status") }
        return status["allowed"]?.bool == true && status["denied"]?.bool != true
    }
}

extension JSONOutput {
    fileprivate mutating func write(strings: [String]) {
        write("[")
        for (index, text) in strings.enumerated() {
            if index > 0 { write(",") }
            write(string: text)
        }
        write("]")
    }
}
