internal import KubernetesAPI

/// What a failure means for the watch. The raw values are those of the metrics' label `reason`.
enum WatchFailure: Sendable, Equatable {
    /// The version or the continue token is gone (410 in one of its forms).
    case expired
    /// 401: the token is to be read again.
    case unauthorized
    /// 403: somebody has to grant the right; until then it is asked for now and then.
    case forbidden
    /// 429: the server sheds load.
    case tooManyRequests(retryAfter: Duration?)
    /// Nobody listens.
    case refused
    /// The answer or the stream broke off.
    case truncated
    /// 5xx, timeouts, no name, no route.
    case unavailable(retryAfter: Duration?)
    /// The request, or this server, is wrong in a way that waiting rarely mends: other 4xx, TLS, a strange answer.
    case rejected
    /// A page of the list is longer than what is taken of it.
    case pageTooLarge
    /// A line of the stream is no frame.
    case malformed

    /// The value of the label `reason`; from a fixed set.
    var reason: String {
        switch self {
        case .expired: "expired"
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .tooManyRequests: "too_many_requests"
        case .refused: "refused"
        case .truncated: "truncated"
        case .unavailable: "unavailable"
        case .rejected: "rejected"
        case .pageTooLarge: "page_too_large"
        case .malformed: "malformed"
        }
    }

    /// All values of the label `reason` that failures can have.
    static let reasons = [
        "expired", "unauthorized", "forbidden", "too_many_requests", "refused", "truncated", "unavailable", "rejected",
        "page_too_large", "malformed",
    ]
}

extension WatchFailure {
    init(_ status: KubernetesStatus) {
        if status.isExpired || status.isInvalidResourceVersion {
            self = .expired
        } else if status.isUnauthorized {
            self = .unauthorized
        } else if status.isForbidden {
            self = .forbidden
        } else if status.isTooManyRequests {
            self = .tooManyRequests(retryAfter: status.retryAfter)
        } else if status.isTransient {
            self = .unavailable(retryAfter: status.retryAfter)
        } else {
            self = .rejected
        }
    }

    init(_ error: KubernetesAPIError) {
        if let status = error.status {
            self.init(status)
        } else if error.isConnectionRefused {
            self = .refused
        } else if error.isTruncated {
            self = .truncated
        } else if error.isTooLarge {
            self = .pageTooLarge
        } else if error.isTransient {
            self = .unavailable(retryAfter: nil)
        } else {
            self = .rejected
        }
    }
}
