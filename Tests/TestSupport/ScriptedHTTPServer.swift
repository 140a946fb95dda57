/// A server on 127.0.0.1 that parses requests and answers with raw bytes, step by step, as a test scripts it.
///
/// Every connection is kept until a step closes it or the client does; requests on it are answered one after the
/// other. When the client closes, the script of that connection ends where it is.
public final class ScriptedHTTPServer: Sendable {
    /// A request that came in whole.
    public struct Request: Sendable {
        /// Which connection it came on; the first accepted is 1.
        public var connection: Int
        /// The method, such as `GET`.
        public var method: String
        /// Path and query as sent.
        public var uri: String
        /// The headers as sent.
        public var headers: [(name: String, value: String)]
        /// The whole body, empty if there was none.
        public var body: [UInt8] = []

        /// The value of the first header of that name, in any letter case.
        public func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    /// What the server does next.
    public enum Step: Sendable {
        /// Sends bytes, and goes on when the kernel has taken all of them.
        case send([UInt8])
        /// Goes on when the gate is open.
        case wait(Gate)
        /// Opens a gate: tells the test that the script is here.
        case open(Gate)
        /// Closes the connection after all that was sent.
        case close
        /// Closes the connection with a TCP reset.
        case reset
        /// Does nothing until the client closes or the test ends.
        case silence
    }

    /// How the server speaks TLS.
    public struct TLS: Sendable {
        /// The server's certificate, a file in PEM.
        public var certificate: String
        /// Its key, a file in PEM.
        public var key: String
        /// Clients must show a certificate of this authority (a file in PEM); nil asks for none.
        public var clientAuthority: String?

        /// See the properties.
        public init(certificate: String, key: String, clientAuthority: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clientAuthority = clientAuthority
        }
    }

    /// Says how a request is answered.
    public typealias Answer = @Sendable (Request) async -> [Step]

    /// The free port that it got.
    public let port: Int
    /// `http://127.0.0.1:port` or `https://127.0.0.1:port`, without a slash at the end.
    public let url: String
    /// What it has seen so far.
    public let log: Log
    let answer: Answer

    init(port: Int, isTLS: Bool, log: Log, answer: @escaping Answer) {
        self.port = port
        url = "\(isTLS ? "https" : "http")://127.0.0.1:\(port)"
        self.log = log
        self.answer = answer
    }
}

/// Steps that answers are made of.
extension ScriptedHTTPServer.Step {
    /// Sends text.
    public static func text(_ text: String) -> Self { .send(Array(text.utf8)) }

    /// A whole answer with `Content-Length`.
    public static func answer(_ status: String = "200 OK", _ headers: [String] = [], body: [UInt8] = []) -> Self {
        .send(head(status, headers + ["Content-Length: \(body.count)"]) + body)
    }

    /// A head that promises chunks.
    public static func chunkedHead(_ status: String = "200 OK", _ headers: [String] = []) -> Self {
        .send(head(status, headers + ["Transfer-Encoding: chunked"]))
    }

    /// One chunk; not empty.
    public static func chunk(_ bytes: [UInt8]) -> Self {
        .send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8))
    }

    /// One chunk of text; not empty.
    public static func chunk(_ text: String) -> Self { chunk(Array(text.utf8)) }

    /// The chunk that says that all is said.
    public static let lastChunk = text("0\r\n\r\n")

    private static func head(_ status: String, _ headers: [String]) -> [UInt8] {
        Array((["HTTP/1.1 \(status)"] + headers + ["", ""]).joined(separator: "\r\n").utf8)
    }
}
