public import ServiceLifecycle

/// Who may read: asks each way of making oneself known that is switched on.
public struct AccessControl: Sendable {
    /// In the order of what they cost: a file, a signature, a request to an API server.
    private let authenticators: [any Authenticator]
    /// What must run for it: files and keys that are kept fresh.
    public let services: [any Service]

    init(_ authenticators: [any Authenticator], services: [any Service] = []) {
        (self.authenticators, self.services) = (authenticators, services)
    }

    /// Everyone may read everything.
    public static let open = AccessControl([])

    /// Whether nobody has to make themselves known.
    public var isOpen: Bool { authenticators.isEmpty }

    /// Who sends a request.
    ///
    /// A token that one way refuses may be another's: an API server may accept the tokens of the same OpenID provider,
    /// made out to somebody else than us. Only if none accepts it and one could not tell, it is not known whose it is.
    ///
    /// - Parameters:
    ///   - authorization: the value of the field; nil if there is none.
    ///   - cluster: that the request is about; nil for all.
    public func viewer(
        authorization: String?,
        cluster: String?,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> any Viewer {
        guard !isOpen else { return OpenViewer() }
        let token = try BearerToken(authorization: authorization)
        var refusal: AccessError?
        var absence: AccessError?
        for authenticator in authenticators {
            do throws(AccessError) {
                return try await authenticator.viewer(of: token, cluster: cluster, deadline: deadline)
            } catch {
                switch error {
                case .unavailable: absence = absence ?? error
                // A signature that was checked has more to say of a token than somebody who does not know it.
                case .unauthenticated, .forbidden:
                    if refusal == nil || authenticator.mode == .oidc { refusal = error }
                }
            }
        }
        throw absence ?? refusal ?? .invalidToken()
    }
}
