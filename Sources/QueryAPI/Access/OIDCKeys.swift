internal import FoundationEssentials
internal import HTTPTransfer
internal import JSON
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// A provider's public keys, found by its issuer and kept fresh.
final class OIDCKeys: Service {
    /// For each of the two requests.
    static let timeout: Duration = .seconds(5)
    /// Bytes of an answer; those of large providers have some 10 KB.
    static let longestAnswer = 1 << 20

    private let issuer: String
    private let tls: TLSOptions
    private let http: HTTPClient
    private let metrics: AccessMetrics
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let flight = SingleFlight<String, Bool>(bound: 1)
    private let state = Mutex(State())

    private struct State {
        var keys = VerificationKeys()
        var schedule = KeySchedule()
        var problem: String?
    }

    /// - Parameters:
    ///   - issuer: `https`, or `http` on this machine; see `OIDCSettings`.
    ///   - tls: whom to trust for it.
    init(
        issuer: String,
        tls: TLSOptions,
        http: HTTPClient,
        metrics: AccessMetrics,
        logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        (self.issuer, self.tls, self.http, self.metrics, self.logger) = (issuer, tls, http, metrics, logger)
        self.now = now
    }

    /// Fetches the keys when they are due, until the service shuts down.
    func run() async throws {
        try? await cancelWhenGracefulShutdown { [self] in
            while true {
                if state.withLock({ $0.schedule.isDue(now: now()) }) { await fetch() }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Whether the provider signed a token.
    ///
    /// - Throws: `unavailable` when there are no keys to tell by.
    func verify(_ token: JSONWebToken) async throws(AccessError) -> Bool {
        let keys = state.withLock { $0.keys }
        if keys.knows(token.keyID) || token.keyID == nil && keys.verify(token) {
            switch action(isKnown: true) {
            case .use: return keys.verify(token)
            case .fetch, .fail: break
            }
        }
        switch action(isKnown: false) {
        case .fetch: await fetch()
        // Too early to ask again, unless that is because somebody asks right now.
        case .use, .fail: await flight.finish("keys")
        }
        let (known, isUsable) = state.withLock { state in
            (state.keys, state.schedule.forToken(isKnown: true, now: self.now()) == .use)
        }
        guard isUsable else { throw Self.away }
        return known.verify(token)
    }

    private static let away = AccessError.unavailable(
        detail: "The OpenID provider's keys are not to be had. Try again."
    )

    private func action(isKnown: Bool) -> KeySchedule.Action {
        state.withLock { $0.schedule.forToken(isKnown: isKnown, now: now()) }
    }

    /// Fetches once, however many ask.
    private func fetch() async {
        _ = try? await flight.run("keys") { () async throws(AccessError) -> Bool in
            let isOurs = state.withLock { state in
                // Another may have just come back.
                guard state.schedule.forToken(isKnown: false, now: now()) == .fetch else { return false }
                state.schedule.asked(now: now())
                return true
            }
            guard isOurs else { return false }
            do {
                let keys = try await VerificationKeys(parsing: get(jwksURL(), .keys))
                let wasAway = state.withLock { state in
                    state.keys = keys
                    state.schedule.received()
                    defer { state.problem = nil }
                    return state.problem != nil
                }
                if wasAway { logger.info("the OpenID provider's keys are to be had again") }
                return true
            } catch {
                report(error)
                return false
            }
        }
    }

    private func report(_ error: any Error) {
        let problem = (error as? VerificationKeys.Malformed)?.reason ?? "\(error)"
        let isNew = state.withLock { state in
            defer { state.problem = problem }
            return state.problem != problem
        }
        guard isNew, !Task.isCancelled else { return }
        logger.error(
            "the OpenID provider's keys could not be fetched; those that are known stay in use for a day",
            metadata: ["issuer": "\(issuer)", "problem": "\(problem)"]
        )
    }

    /// Asks the provider where its keys are. Source: OpenID Connect Discovery 1.0 section 4.
    private func jwksURL() async throws -> String {
        let separator = issuer.hasSuffix("/") ? "" : "/"
        let body = try await get("\(issuer)\(separator).well-known/openid-configuration", .discovery)
        guard let root = try? JSONDocument(parsing: body).root, let named = root["issuer"]?.string,
            let url = root["jwks_uri"]?.string
        else { throw VerificationKeys.Malformed(reason: "the answer is no OpenID configuration") }
        // Section 4.3: they must be the same, or one provider could speak for another.
        guard named == issuer else {
            throw VerificationKeys.Malformed(
                reason: "it calls itself '\(named.prefix(200))', which is not --oidc-issuer"
            )
        }
        guard OIDCSettings.isSafe(url: url) else {
            throw VerificationKeys.Malformed(reason: "its jwks_uri is neither https nor on this machine")
        }
        return url
    }

    private func get(_ url: String, _ kind: AccessMetrics.Request) async throws -> [UInt8] {
        let start = ContinuousClock.now
        var isAnswered = false
        defer { metrics.record(kind, took: start.duration(to: .now), failed: !isAnswered) }
        var request = HTTPRequest(url: url, headers: [("Accept", "application/json"), ("User-Agent", "kee-query")])
        request.tls = tls
        request.connectTimeout = Self.timeout
        request.totalTimeout = Self.timeout
        let response = try await http.send(request)
        guard response.status == 200 else {
            throw VerificationKeys.Malformed(reason: "the answer has status \(response.status)")
        }
        let body = try await response.body.collect(upTo: Self.longestAnswer)
        isAnswered = true
        return body
    }
}
