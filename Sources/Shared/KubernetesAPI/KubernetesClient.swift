public import HTTPTransfer
internal import JSON
public import Logging

/// Asks an API server about its events: lists in pages, watches, and the version.
///
/// It asks once and reports what came; trying again is its caller's part. A 401 makes it forget the credentials that it
/// had, so that the next request carries fresh ones.
public final class KubernetesClient: Sendable {
    /// Bounds on what is taken from a server.
    public struct Limits: Sendable {
        /// The longest page of a list, in bytes once decompressed. Beyond it the request fails.
        public var page = 64 << 20
        /// How much of an error's body is read, in bytes; more is cut off.
        public var errorBody = 64 << 10
        /// The longest line of a watch, in bytes. A longer one is skipped and reported.
        public var watchLine = 8 << 20

        /// 64 MiB, 64 KiB and 8 MiB.
        public init() {}
    }

    /// How long is waited for what.
    public struct Timeouts: Sendable {
        /// For a connection and its TLS handshake.
        public var connect: Duration = .seconds(10)
        /// For the next byte of a list. An API server itself gives up after 60 s (`--request-timeout`).
        public var listSilence: Duration = .seconds(75)
        /// For the head of the answer to a watch. API servers send it at once; with a watch cache that is behind they
        /// take up to 3 s.
        public var watchOpen: Duration = .seconds(15)
        /// For the whole answer about the version.
        public var version: Duration = .seconds(10)
        /// How long a watch may last beyond the `timeoutSeconds` that the server was asked to end it after. A server
        /// that is there ends it in time; a connection that is dead without a FIN never does.
        public var watchOverrun: Duration = .seconds(30)

        /// 10 s, 75 s, 15 s, 10 s and 30 s.
        public init() {}
    }

    /// Where it asks, without credentials.
    public var server: String { configuration.server }

    let configuration: ClientConfiguration
    let limits: Limits
    let timeouts: Timeouts
    private let credentials: Credentials
    private let http: HTTPClient
    private let userAgent: String
    private let logger: Logger

    /// - Parameters:
    ///   - program: that asks, for the User-Agent `<program>/<version>`.
    ///   - version: of this program.
    public init(
        configuration: ClientConfiguration,
        http: HTTPClient,
        program: String = "kee-collector",
        version: String,
        limits: Limits = Limits(),
        timeouts: Timeouts = Timeouts(),
        logger: Logger
    ) {
        self.configuration = configuration
        self.http = http
        self.limits = limits
        self.timeouts = timeouts
        self.logger = logger
        userAgent = "\(program)/\(version)"
        credentials = Credentials(configuration.token, tls: configuration.tls)
    }

    /// Asks for the server's version: whether it is there, and whether it speaks Kubernetes.
    public func version() async throws(KubernetesAPIError) -> KubernetesVersion {
        let path = "/version"
        let response = try await send(path: path) { $0.totalTimeout = self.timeouts.version }
        let body = try await collect(response.body, path: path, limit: limits.errorBody)
        guard let version = KubernetesVersion(body: body) else {
            throw error(path, .unexpectedAnswer("the answer holds no version; is this a Kubernetes API server?"))
        }
        return version
    }

    /// Asks for a page of the list of events (core/v1).
    ///
    /// - Parameters:
    ///   - namespace: nil for all namespaces.
    ///   - limit: the most items that the page may have.
    ///   - continueToken: out of the page before; nil for the first.
    ///   - resourceVersion: the version to list at; nil for the newest, read from etcd.
    public func listEvents(
        in namespace: String? = nil,
        limit: Int = 500,
        continueToken: String? = nil,
        resourceVersion: String? = nil
    ) async throws(KubernetesAPIError) -> EventPage {
        let path = Self.eventsPath(in: namespace)
        var query = [("limit", String(limit))]
        if let continueToken { query.append(("continue", continueToken)) }
        if let resourceVersion { query.append(("resourceVersion", resourceVersion)) }
        let response = try await send(path: path, query: query) { request in
            request.silenceTimeout = self.timeouts.listSilence
            request.acceptsGzip = true
        }
        let body = try await collect(response.body, path: path, limit: limits.page)
        do {
            return try EventPage(body: body)
        } catch {
            throw self.error(path, .unexpectedAnswer(error.reason))
        }
    }

    /// Opens a watch on the events (core/v1), on an HTTP/1.1 connection of its own.
    ///
    /// - Parameters:
    ///   - namespace: nil for all namespaces.
    ///   - resourceVersion: what has been seen already; the watch delivers what comes after it.
    ///   - timeoutSeconds: after which the server is to end the watch, cleanly.
    ///   - silenceNotice: how often the stream says that nothing comes, with `WatchFrame.silence`; nil for never.
    ///   - allowBookmarks: asks for bookmarks; a server without a watch cache for events sends none nevertheless.
    /// - Returns: the frames, as soon as the server has answered with success.
    public func watchEvents(
        in namespace: String? = nil,
        resourceVersion: String,
        timeoutSeconds: Int,
        silenceNotice: Duration? = nil,
        allowBookmarks: Bool = true
    ) async throws(KubernetesAPIError) -> WatchStream {
        let path = Self.eventsPath(in: namespace)
        var query = [("watch", "true"), ("resourceVersion", resourceVersion)]
        query.append(("timeoutSeconds", String(timeoutSeconds)))
        if allowBookmarks { query.append(("allowWatchBookmarks", "true")) }
        let response = try await send(path: path, query: query) { request in
            request.usesOwnConnection = true
            request.headTimeout = self.timeouts.watchOpen
            request.silenceNotice = silenceNotice
            request.totalTimeout = .seconds(timeoutSeconds) + self.timeouts.watchOverrun
        }
        return WatchStream(body: response.body, lineLimit: limits.watchLine, request: name(of: path))
    }

    static func eventsPath(in namespace: String?) -> String {
        namespace.map { "/api/v1/namespaces/\(PercentEncoding.component($0))/events" } ?? "/api/v1/events"
    }
}

extension KubernetesClient {
    /// Sends a request, a GET unless said otherwise, and sees to it that the answer is a success.
    func send(
        _ method: HTTPRequest.Method = .get,
        path: String,
        query: [(String, String)] = [],
        body: [UInt8]? = nil,
        adjust: (inout HTTPRequest) -> Void
    ) async throws(KubernetesAPIError) -> HTTPResponse {
        let encoded = query.map { "\($0)=\(PercentEncoding.component($1))" }.joined(separator: "&")
        var request = HTTPRequest(
            method,
            url: configuration.server + path + (encoded.isEmpty ? "" : "?" + encoded)
        )
        request.headers = [("Accept", "application/json"), ("User-Agent", userAgent)]
        if let body {
            request.headers.append(("Content-Type", "application/json"))
            request.body = body
        }
        request.tls = configuration.tls
        request.proxy = configuration.proxy
        request.connectTimeout = timeouts.connect
        adjust(&request)
        let shown: RequestCredentials
        do {
            shown = try await credentials.current()
        } catch {
            throw self.error(path, .credentials(error), method)
        }
        if let token = shown.token { request.headers.append(("Authorization", "Bearer " + token)) }
        if let certificate = shown.certificate {
            request.tls.clientCertificate = .pem(certificate.certificate)
            request.tls.clientKey = certificate.key.map { .pem($0) }
        }
        let response: HTTPResponse
        do {
            response = try await http.send(request)
        } catch {
            throw self.error(path, .transfer(error), method)
        }
        guard (200..<300).contains(response.status) else {
            if response.status == 401 { credentials.refused(shown) }
            throw await failure(response, path: path, method)
        }
        return response
    }

    private func failure(
        _ response: HTTPResponse,
        path: String,
        _ method: HTTPRequest.Method
    ) async -> KubernetesAPIError {
        let body = await beginning(of: response.body, limit: limits.errorBody)
        let status = KubernetesStatus(
            httpStatus: response.status,
            retryAfter: response.headers["retry-after"],
            body: body
        )
        logger.debug(
            "the API server refused",
            metadata: ["request": "\(name(of: path, method))", "status": "\(status)"]
        )
        return error(path, .status(status), method)
    }

    /// An error is an error, whatever becomes of its body: what cannot be read is left out.
    private func beginning(of body: HTTPBody, limit: Int) async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await chunk in body {
                bytes.append(contentsOf: chunk.prefix(limit - bytes.count))
                if bytes.count >= limit { break }
            }
        } catch {
            logger.debug("the body of an error could not be read", metadata: ["error": "\(error)"])
        }
        return bytes
    }

    func collect(_ body: HTTPBody, path: String, limit: Int) async throws(KubernetesAPIError) -> [UInt8] {
        do {
            return try await body.collect(upTo: limit)
        } catch {
            throw self.error(path, .transfer(error))
        }
    }

    private func name(of path: String, _ method: HTTPRequest.Method = .get) -> String {
        "\(method.rawValue) \(configuration.server)\(path)"
    }

    func error(
        _ path: String,
        _ cause: KubernetesAPIError.Cause,
        _ method: HTTPRequest.Method = .get
    ) -> KubernetesAPIError {
        KubernetesAPIError(request: name(of: path, method), cause: cause)
    }
}
