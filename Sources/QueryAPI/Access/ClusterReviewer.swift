internal import KubernetesAPI
internal import Logging
internal import Synchronization

/// Asks one cluster's API server who somebody is and what they may see, and remembers its answers for a minute.
final class ClusterReviewer: Sendable {
    /// How long an answer counts: so long somebody who lost a right can still use it here.
    static let lifetime: Duration = .seconds(60)
    /// For one review; API servers answer in milliseconds.
    static let timeout: Duration = .seconds(3)
    /// After a failure, how long the server is left alone: nobody waits for it. Then one asks, and the others when it has
    /// answered, so that it is not flooded when it comes back.
    static let pause: Duration = .seconds(2)
    /// Tokens whose answers are kept, and tokens that are asked about at once.
    static let mostTokens = 4096
    static let tokensAtOnce = 16
    /// Answers on a user and a namespace that are kept, and asked for at once.
    static let mostAnswers = 32_768
    static let questionsAtOnce = 512

    private struct Question: Hashable {
        let user: ReviewedUser
        /// Nil for all of them.
        let namespace: String?
    }

    private struct Health {
        var awayUntil: ContinuousClock.Instant?
        var problem: String?

        /// Whoever may after a failure is the only one until the answer, or the end of its time.
        mutating func mayAsk(_ now: ContinuousClock.Instant) -> Bool {
            guard let awayUntil else { return true }
            guard awayUntil <= now else { return false }
            self.awayUntil = now.advanced(by: ClusterReviewer.timeout)
            return true
        }
    }

    /// The cluster's name in the archive.
    let cluster: String
    private let client: KubernetesClient
    private let audiences: [String]
    private let metrics: AccessMetrics
    private let logger: Logger
    private let users: ReviewCache<BearerToken.Digest, ReviewedUser?>
    private let answers: ReviewCache<Question, Bool>
    private let health = Mutex(Health())

    init(
        cluster: String,
        client: KubernetesClient,
        audiences: [String],
        lifetime: Duration = ClusterReviewer.lifetime,
        metrics: AccessMetrics,
        logger: Logger
    ) {
        self.cluster = cluster
        self.client = client
        self.audiences = audiences
        self.metrics = metrics
        self.logger = logger
        users = ReviewCache(lifetime: lifetime, bound: Self.mostTokens, flights: Self.tokensAtOnce) { $0 != nil }
        answers = ReviewCache(lifetime: lifetime, bound: Self.mostAnswers, flights: Self.questionsAtOnce)
    }

    /// Who a token belongs to in this cluster; nil if it is not accepted there.
    ///
    /// - Throws: `unavailable` if the cluster does not answer.
    func user(of token: BearerToken) async throws(AccessError) -> ReviewedUser? {
        try await users.value(for: token.digest) { () async throws(AccessError) in
            try await ask(.tokenReview) { () async throws(KubernetesAPIError) in
                try await client.reviewToken(token.text, audiences: audiences, timeout: Self.timeout)
            }
        }
    }

    /// Whether a user may list the events of a namespace, nil for all.
    ///
    /// - Throws: `unavailable` if the cluster does not answer.
    func allows(_ user: ReviewedUser, namespace: String?) async throws(AccessError) -> Bool {
        try await answers.value(for: Question(user: user, namespace: namespace)) { () async throws(AccessError) in
            try await ask(.subjectAccessReview) { () async throws(KubernetesAPIError) in
                try await client.mayListEvents(user, in: namespace, timeout: Self.timeout)
            }
        }
    }

    private func ask<Value>(
        _ kind: AccessMetrics.Request,
        _ request: () async throws(KubernetesAPIError) -> Value
    ) async throws(AccessError) -> Value {
        let start = ContinuousClock.now
        guard health.withLock({ $0.mayAsk(start) }) else { throw Self.away }
        do throws(KubernetesAPIError) {
            let value = try await request()
            metrics.record(kind, took: start.duration(to: .now), failed: false)
            isBack()
            return value
        } catch {
            guard !error.isCancelled else { throw .cancelled }
            metrics.record(kind, took: start.duration(to: .now), failed: true)
            isAway(error)
            throw Self.away
        }
    }

    /// Whose it is stays unsaid: not everyone who asks may know which clusters there are.
    static let away = AccessError.unavailable(
        detail: "An API server that must be asked what you may see does not answer. Try again."
    )

    private func isAway(_ error: KubernetesAPIError) {
        let isNew = health.withLock { health in
            health.awayUntil = .now.advanced(by: Self.pause)
            defer { health.problem = error.description }
            return health.problem == nil
        }
        guard isNew else { return }
        let remedy =
            error.isForbidden || error.isUnauthorized
            ? "; its review kubeconfig needs the ClusterRole system:auth-delegator" : ""
        logger.error(
            "a cluster cannot be asked what people may see; they are refused until it can",
            metadata: ["cluster": "\(cluster)", "problem": "\(error)\(remedy)"]
        )
    }

    private func isBack() {
        let wasAway = health.withLock { health in
            defer { health = Health() }
            return health.problem != nil
        }
        if wasAway { logger.info("a cluster can be asked again", metadata: ["cluster": "\(cluster)"]) }
    }
}
