internal import JSON

/// What an API server says instead of an answer: a `Status` object, or what stands in for one.
///
/// Not every error is a Status: a 429 is `text/plain` with a `Retry-After` header, and a 504 is `text/plain` that
/// carries JSON without a kind. All of them end up here.
public struct KubernetesStatus: Sendable, Equatable {
    /// The HTTP status, or the `code` of a Status that came inside a stream.
    public let code: Int
    /// Kubernetes' word for it, such as `Expired` or `Forbidden`; nil where the server gave none.
    public let reason: String?
    /// The server's text, at most 1000 characters of it.
    public let message: String
    /// For how long the server wants to be left alone, where it says so.
    public let retryAfter: Duration?
    /// A fresh token that continues an expired list, at the price of an inconsistent one.
    public let continueToken: String?

    /// A status from its parts; the message is cut to 1000 characters.
    public init(
        code: Int,
        reason: String? = nil,
        message: String,
        retryAfter: Duration? = nil,
        continueToken: String? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = String(message.prefix(Self.longestMessage))
        self.retryAfter = retryAfter
        self.continueToken = continueToken
    }

    private static let longestMessage = 1000
}

extension KubernetesStatus {
    /// The status of an HTTP answer other than 2xx.
    ///
    /// - Parameter retryAfter: the value of the `Retry-After` header; only whole seconds are understood, the form that
    ///   API servers use.
    init(httpStatus: Int, retryAfter: String?, body: [UInt8]) {
        let seconds = retryAfter.flatMap { UInt32($0.trimmingASCIIWhitespace()) }.map { Duration.seconds($0) }
        if let document = try? JSONDocument(parsing: body, limits: JSONLimits(length: body.count, depth: 32)),
            document.root.kind == .object, document.root["message"]?.string != nil || document.root["code"] != nil
        {
            self.init(object: document.root, code: httpStatus, retryAfter: seconds)
            return
        }
        let text = String(decoding: body.prefix(4 * Self.longestMessage), as: UTF8.self).trimmingASCIIWhitespace()
        self.init(code: httpStatus, message: text.isEmpty ? "HTTP status \(httpStatus)" : text, retryAfter: seconds)
    }

    /// The Status object of an ERROR frame, or of a body.
    ///
    /// - Parameter code: the HTTP status, which counts more than the object's own.
    init(object: JSONValue, code: Int? = nil, retryAfter: Duration? = nil) {
        let seconds = object["details"]?["retryAfterSeconds"]?.int64
        let reason = object["reason"]?.string
        let token = object["metadata"]?["continue"]?.string
        self.init(
            code: code ?? object["code"]?.int64.flatMap { Int(exactly: $0) } ?? 0,
            reason: reason?.isEmpty == false ? reason : nil,
            message: object["message"]?.string ?? "no message",
            retryAfter: retryAfter ?? seconds.flatMap { $0 > 0 ? .seconds(min($0, Int64(UInt32.max))) : nil },
            continueToken: token?.isEmpty == false ? token : nil
        )
    }
}

extension KubernetesStatus {
    /// The resourceVersion or the continue token is too old (410): list again.
    ///
    /// Known by code or reason, as client-go's `IsResourceExpired` and `IsGone`; the two texts in use do not matter.
    public var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }

    /// The server sheds load (429): come back after `retryAfter`.
    public var isTooManyRequests: Bool { code == 429 || reason == "TooManyRequests" }

    /// The credentials are not, or no longer, accepted (401).
    public var isUnauthorized: Bool { code == 401 }

    /// The credentials are known, but may not do this (403). An API server that starts says so for some 40 ms, too.
    public var isForbidden: Bool { code == 403 }

    /// There is no such object (404).
    public var isNotFound: Bool { code == 404 }

    /// An object of this name is there already (409 `AlreadyExists`).
    public var isAlreadyExists: Bool { code == 409 && reason == "AlreadyExists" }

    /// The object has been changed since it was read (409 `Conflict`): read it again.
    public var isConflict: Bool { code == 409 && !isAlreadyExists }

    /// The resourceVersion of the request is none (an API server answers a watch from `abc` with 500): list again.
    public var isInvalidResourceVersion: Bool { message.hasPrefix("resourceVersion: Invalid value") }

    /// Trying the same again later may succeed: a timeout, a shed request or a server in trouble.
    public var isTransient: Bool { isTooManyRequests || code == 408 || code >= 500 }
}

extension KubernetesStatus: CustomStringConvertible {
    /// Code, reason and message in one line.
    public var description: String {
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        return if let reason { "\(code) \(reason): \(line)" } else { "\(code): \(line)" }
    }
}
