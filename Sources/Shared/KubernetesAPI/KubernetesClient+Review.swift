internal import HTTPTransfer

/// Reviews of authentication.k8s.io/v1 and authorization.k8s.io/v1: what the role `system:auth-delegator` may ask for.
extension KubernetesClient {
    /// Asks who a token belongs to.
    ///
    /// - Parameters:
    ///   - token: goes into the body, and into no log and no error.
    ///   - audiences: the token must be for one of them; none means the API server's own.
    ///   - timeout: for the whole answer.
    /// - Returns: nil for a token that this API server does not accept.
    public func reviewToken(
        _ token: String,
        audiences: [String],
        timeout: Duration
    ) async throws(KubernetesAPIError) -> ReviewedUser? {
        let path = "/apis/authentication.k8s.io/v1/tokenreviews"
        let answer = try await review(path, TokenReview.body(token: token, audiences: audiences), timeout)
        do {
            return try TokenReview.user(body: answer, audiences: audiences)
        } catch {
            throw self.error(path, .unexpectedAnswer(error.reason), .post)
        }
    }

    /// Asks whether somebody may list the events of a namespace, nil for all namespaces.
    ///
    /// - Parameter timeout: for the whole answer.
    public func mayListEvents(
        _ user: ReviewedUser,
        in namespace: String?,
        timeout: Duration
    ) async throws(KubernetesAPIError) -> Bool {
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        let answer = try await review(path, SubjectAccessReview.body(listEventsIn: namespace, user), timeout)
        do {
            return try SubjectAccessReview.isAllowed(body: answer)
        } catch {
            throw self.error(path, .unexpectedAnswer(error.reason), .post)
        }
    }

    private func review(
        _ path: String,
        _ body: [UInt8],
        _ timeout: Duration
    ) async throws(KubernetesAPIError) -> [UInt8] {
        let response = try await send(.post, path: path, body: body) { request in
            request.totalTimeout = timeout
            request.connectTimeout = min(request.connectTimeout, timeout)
        }
        return try await collect(response.body, path: path, limit: Self.longestReview)
    }

    /// The answer repeats the question: a token, and a user's groups, of which directories know thousands.
    private static let longestReview = 1 << 20
}
