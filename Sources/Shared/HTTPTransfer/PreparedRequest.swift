/// A request that was checked and put into libcurl's terms.
struct PreparedRequest: Sendable {
    let original: HTTPRequest
    /// The URL to ask for, with `serverName` in the host's place where one is given.
    let url: String
    /// `name:port:host:port`, where to connect instead of the URL's host.
    let connectTo: String?
    /// Header lines as libcurl wants them.
    let headerLines: [String]
    /// Scheme, host and port: what transfers are counted by.
    let origin: String
    /// Method, scheme, host, port and path, for errors and logs.
    let place: String

    init(_ request: HTTPRequest) throws(HTTPTransferError) {
        func refuse(_ why: String) -> HTTPTransferError {
            HTTPTransferError(kind: .invalidRequest, message: why)
        }
        // What cannot be parsed is not repeated: it may hold a password.
        guard let url = CurlURL(request.url) else { throw refuse("the URL is not an absolute URL") }
        guard url.scheme == "https" || url.scheme == "http" else {
            throw refuse("the URL's scheme is \(url.scheme), use http or https")
        }
        let origin = "\(url.scheme)://\(url.host):\(url.port)"
        let place = "\(request.method.rawValue) \(origin)\(url.path)"
        if let proxy = request.proxy, !Self.isProxy(proxy) {
            throw refuse("the proxy for \(place) is not the URL of an http, https or socks proxy")
        }
        if request.method == .head, request.body != nil {
            throw refuse("\(place): HEAD cannot have a body")
        }
        var lines = try Self.headerLines(request, place: place)
        if let name = request.tls.serverName, url.scheme == "https", name != url.host {
            guard Self.isHostName(name), let renamed = url.replacingHost(name) else {
                throw refuse("\(place): the TLS server name \(name.debugDescription) is not a host name")
            }
            self.url = renamed
            connectTo = "\(name):\(url.port):\(url.host):\(url.port)"
            if !request.headers.contains(where: { HTTPHeaders.areEqual($0.name, "Host") }) {
                lines.append("Host: \(url.host)" + (url.hasDefaultPort ? "" : ":\(url.port)"))
            }
        } else {
            self.url = request.url
            connectTo = nil
        }
        self.headerLines = lines
        self.original = request
        self.origin = origin
        self.place = place
    }

    private static func headerLines(_ request: HTTPRequest, place: String) throws(HTTPTransferError) -> [String] {
        var lines: [String] = []
        for (name, value) in request.headers {
            let isFraming = ["Content-Length", "Transfer-Encoding"].contains { HTTPHeaders.areEqual($0, name) }
            guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte), !isFraming else {
                throw HTTPTransferError(
                    kind: .invalidRequest,
                    message: "\(place): the header \(name.debugDescription) cannot be set, "
                        + (isFraming ? "it follows from the body" : "its name is no token of RFC 9110")
                )
            }
            // The value stays out of the message: it may be a token.
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw HTTPTransferError(
                    kind: .invalidRequest,
                    message: "\(place): the value of the header \(name) holds a control character, such as a line break"
                )
            }
            // libcurl sends a header without a value only when it ends in a semicolon.
            lines.append(value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? "\(name);" : "\(name): \(value)")
        }
        // libcurl would otherwise wait a second for "100 Continue" before it sends a large body, and call any body a
        // form.
        lines.append("Expect:")
        if !request.headers.contains(where: { HTTPHeaders.areEqual($0.name, "Content-Type") }) {
            lines.append("Content-Type:")
        }
        return lines
    }

    /// Whether a byte may stand in a token (RFC 9110, section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    private static func isHostName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 253
            && name.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    private static func isProxy(_ proxy: String) -> Bool {
        guard let url = CurlURL(proxy, guessesScheme: true) else { return false }
        return ["http", "https", "socks4", "socks4a", "socks5", "socks5h"].contains(url.scheme)
    }
}
