public import HTTPTransfer

/// Why a request to the API server, or the stream of a watch, failed.
public struct KubernetesAPIError: Error, Sendable {
    /// What went wrong.
    public enum Cause: Sendable {
        /// The server answered with an error.
        case status(KubernetesStatus)
        /// The bytes did not come: refused, cut off, timed out, no trust.
        case transfer(HTTPTransferError)
        /// The credentials could not be read; nothing was sent.
        case credentials(CredentialsError)
        /// The server answered with success, but not with what was asked for.
        case unexpectedAnswer(String)
    }

    /// What was asked, without its query and credentials, such as `GET https://10.0.0.1/api/v1/events`.
    public let request: String
    /// What went wrong.
    public let cause: Cause

    /// An error from its parts.
    public init(request: String, cause: Cause) {
        self.request = request
        self.cause = cause
    }

    /// What the server said, when it said something.
    public var status: KubernetesStatus? {
        if case .status(let status) = cause { status } else { nil }
    }
}

extension KubernetesAPIError {
    /// The resourceVersion or the continue token is too old: list again.
    public var isExpired: Bool { status?.isExpired ?? false }

    /// The server sheds load; `status.retryAfter` says for how long.
    public var isTooManyRequests: Bool { status?.isTooManyRequests ?? false }

    /// The credentials were not accepted. The client has already forgotten the token that it had read.
    public var isUnauthorized: Bool { status?.isUnauthorized ?? false }

    /// The credentials may not do this.
    public var isForbidden: Bool { status?.isForbidden ?? false }

    /// Nobody listens there: a server that restarts, or a wrong address.
    public var isConnectionRefused: Bool {
        if case .transfer(let error) = cause { error.kind == .refused } else { false }
    }

    /// The answer or the stream ended in the middle, or the connection was closed with no answer at all.
    public var isTruncated: Bool {
        if case .transfer(let error) = cause { error.kind == .truncated } else { false }
    }

    /// The answer is longer than what is taken of it: ask for less.
    public var isTooLarge: Bool {
        if case .transfer(let error) = cause { error.kind == .bodyTooLarge } else { false }
    }

    /// The task that asked was cancelled; no failure of the server.
    public var isCancelled: Bool {
        switch cause {
        case .transfer(let error): error.kind == .cancelled || error.kind == .shutdown
        case .credentials(let error): error.isCancellation
        case .status, .unexpectedAnswer: false
        }
    }

    /// The same request may succeed later without anybody's doing.
    public var isTransient: Bool {
        switch cause {
        case .status(let status): status.isTransient
        case .credentials(let error): error.isTransient
        case .unexpectedAnswer: false
        case .transfer(let error):
            switch error.kind {
            case .resolve, .refused, .connect, .connectTimeout, .silent, .totalTimeout, .truncated, .protocol,
                .overloaded:
                true
            case .tls, .cancelled, .bodyTooLarge, .invalidRequest, .shutdown: false
            }
        }
    }
}

extension KubernetesAPIError {
    /// There is no such object.
    public var isNotFound: Bool { status?.isNotFound ?? false }

    /// An object of this name is there already.
    public var isAlreadyExists: Bool { status?.isAlreadyExists ?? false }

    /// The object has been changed since it was read.
    public var isConflict: Bool { status?.isConflict ?? false }
}

extension KubernetesAPIError: CustomStringConvertible {
    /// What was asked and what became of it.
    public var description: String {
        switch cause {
        case .status(let status): "\(request): \(status)"
        // Most of HTTPTransfer's messages already say what was asked.
        case .transfer(let error): error.message.hasPrefix(request) ? error.message : "\(request): \(error.message)"
        case .credentials(let error): "\(request): \(error)"
        case .unexpectedAnswer(let text): "\(request): \(text)"
        }
    }
}
