internal import FoundationEssentials
internal import HTTPTransfer
internal import KubernetesAPI
public import Logging
internal import ServiceLifecycle

extension AccessControl {
    /// Reads the files, and wires what is switched on.
    ///
    /// - Parameters:
    ///   - settings: without a `problem`.
    ///   - version: of this program, for the User-Agent.
    ///   - namespaces: lists those that the archive knows of a cluster, at most `limit`.
    /// - Throws: `AccessFileError`, `KubeconfigError`.
    public static func build(
        _ settings: AccessSettings,
        version: String,
        logger: Logger,
        namespaces:
            @escaping @Sendable (_ cluster: String, _ limit: Int, _ deadline: ContinuousClock.Instant)
            async throws(AccessError) -> [String]
    ) async throws -> AccessControl {
        guard settings.modes != [.open] else { return .open }
        let http = HTTPClient(logger: logger, limits: HTTPClientLimits(concurrentTransfersPerHost: 16))
        let metrics = AccessMetrics()
        var authenticators: [any Authenticator] = []
        var services: [any Service] = []

        let reviews = try await reviews(settings, version, http, metrics, logger, namespaces)
        var policy: WatchedFile<AccessPolicy>?
        if let path = settings.policyFile {
            let reviewed = Set(settings.reviewKubeconfigs.keys)
            let file = try await WatchedFile(path: path, logger: logger) { bytes throws(AccessFileError) in
                try AccessPolicy(parsing: bytes, path: path, reviewed: reviewed)
            }
            services.append(file)
            policy = file
        }
        if let path = settings.tokenFile {
            let file = try await WatchedFile(path: path, logger: logger) { bytes throws(AccessFileError) in
                try TokenFile(parsing: bytes, path: path)
            }
            services.append(file)
            authenticators.append(TokenAuthenticator(file: file))
        }
        if let oidc = settings.oidc {
            let keys = OIDCKeys(issuer: oidc.issuer, tls: oidc.tls, http: http, metrics: metrics, logger: logger)
            services.append(keys)
            authenticators.append(
                OIDCAuthenticator(claims: oidc.claims, keys: keys, policy: policy, reviews: reviews) {
                    Date().timeIntervalSince1970
                }
            )
        }
        if let reviews { authenticators.append(KubernetesAuthenticator(reviews: reviews, policy: policy)) }
        return AccessControl(authenticators, services: services)
    }

    private static func reviews(
        _ settings: AccessSettings,
        _ version: String,
        _ http: HTTPClient,
        _ metrics: AccessMetrics,
        _ logger: Logger,
        _ namespaces: @escaping ClusterReviews.Namespaces
    ) async throws -> ClusterReviews? {
        guard settings.modes.contains(.kubernetes) else { return nil }
        var reviewers: [String: ClusterReviewer] = [:]
        for (cluster, path) in settings.reviewKubeconfigs {
            let configuration = try await Kubeconfig.load(path: path).configuration()
            for warning in configuration.warnings { logger.warning("\(warning)", metadata: ["cluster": "\(cluster)"]) }
            reviewers[cluster] = ClusterReviewer(
                cluster: cluster,
                client: KubernetesClient(
                    configuration: configuration,
                    http: http,
                    program: "kee-query",
                    version: version,
                    logger: logger
                ),
                audiences: settings.reviewAudiences,
                metrics: metrics,
                logger: logger
            )
        }
        return ClusterReviews(reviewers: reviewers, namespaces: namespaces)
    }
}
