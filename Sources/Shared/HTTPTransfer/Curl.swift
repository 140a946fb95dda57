// The only file that sees libcurl. What its calls return becomes a Swift value here; what they mean is decided
// elsewhere. Nothing here is thread-safe but `CurlWaker`: see `TransferLoop`.
import CLibcurl

/// libcurl as a whole.
enum Curl {
    /// Initialises libcurl once in the process; false if that failed.
    static let isReady = curl_global_init(kee_global_default) == CURLE_OK

    /// The version of the library that runs.
    static var version: String { String(cString: kee_version()) }
}

/// A URL as libcurl understands it, so that what is checked is what is asked for.
struct CurlURL {
    let scheme: String
    /// An IPv6 address is in brackets.
    let host: String
    let port: String
    let path: String
    let hasDefaultPort: Bool
    private let text: String

    /// Nil if libcurl would not take it.
    init?(_ text: String, guessesScheme: Bool = false) {
        guard !text.utf8.contains(0), let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        let guessing = UInt32(CURLU_GUESS_SCHEME)
        let flags = UInt32(CURLU_PATH_AS_IS | CURLU_NON_SUPPORT_SCHEME) | (guessesScheme ? guessing : 0)
        guard curl_url_set(url, CURLUPART_URL, text, flags) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: url), let host = Self.part(CURLUPART_HOST, of: url),
            let path = Self.part(CURLUPART_PATH, of: url)
        else { return nil }
        self.scheme = scheme
        self.host = host
        self.path = path
        port = Self.part(CURLUPART_PORT, of: url, UInt32(CURLU_DEFAULT_PORT)) ?? "0"
        hasDefaultPort = Self.part(CURLUPART_PORT, of: url, UInt32(CURLU_NO_DEFAULT_PORT)) == nil
        self.text = text
    }

    /// The URL with another host and all else as it was.
    func replacingHost(_ host: String) -> String? {
        guard let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_PATH_AS_IS)) == CURLUE_OK,
            curl_url_set(url, CURLUPART_HOST, host, 0) == CURLUE_OK
        else { return nil }
        return Self.part(CURLUPART_URL, of: url)
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}

/// Why libcurl gave up on a transfer.
struct CurlFailure: Error {
    enum Reason {
        case resolve
        case connect
        case timeout
        case tls
        /// The connection ended or broke after it had stood.
        case ended
        /// A callback of ours stopped it.
        case stopped
        case other
    }

    let reason: Reason
    /// libcurl's words.
    let text: String
    /// `errno` of the last connect, 0 if there was none.
    let systemError: Int32

    init(_ code: CURLcode, text: String, systemError: Int32) {
        self.text = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        self.systemError = systemError
        reason =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
            case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED, CURLE_NO_CONNECTION_AVAILABLE: .connect
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
                CURLE_SSL_CLIENTCERT:
                .tls
            case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR: .ended
            case CURLE_WRITE_ERROR, CURLE_ABORTED_BY_CALLBACK: .stopped
            default: .other
            }
    }
}

/// What a transfer hears of libcurl, on the thread that drives it. Nothing may be removed or freed from in here.
protocol CurlEasyDelegate: AnyObject {
    /// The connection stands and the request goes out now. Called again if libcurl repeats it on a fresh connection.
    func curlSendsRequest()
    /// A line of a head or a trailer. False stops the transfer.
    func curlReceived(line: UnsafeRawBufferPointer) -> Bool
    /// A piece of the body.
    func curlReceived(body: UnsafeRawBufferPointer) -> TransferState.Verdict
}

/// Owns an easy handle: one transfer.
final class CurlEasy {
    let id: UInt64
    fileprivate let handle: UnsafeMutableRawPointer
    private weak var delegate: (any CurlEasyDelegate)?
    private let errorText: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var connectTo: UnsafeMutablePointer<curl_slist>?
    private var refusal: CURLcode = CURLE_OK

    /// A handle that is set up for a request. Throws what libcurl does not take.
    init(_ request: PreparedRequest, id: UInt64, delegate: any CurlEasyDelegate) throws(CurlFailure) {
        guard let handle = curl_easy_init() else {
            throw CurlFailure(CURLE_OUT_OF_MEMORY, text: "", systemError: 0)
        }
        self.id = id
        self.handle = handle
        self.delegate = delegate
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setUpCallbacks()
        setUpConnection(request)
        setUpTLS(request.original.tls)
        setUpProxyTLS(request.original)
        setUpRequest(request)
        guard refusal == CURLE_OK else { throw failure(refusal) }
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
        curl_slist_free_all(connectTo)
        errorText.deallocate()
    }

    /// Offers again what the write callback held back, and goes on reading.
    func resume() throws(CurlFailure) {
        let code = curl_easy_pause(handle, CURLPAUSE_CONT)
        guard code == CURLE_OK else { throw failure(code) }
    }

    /// Bytes of the request's body that went out.
    var uploadedByteCount: Int64 { Int64(kee_easy_uploaded(handle)) }

    fileprivate func failure(_ code: CURLcode) -> CurlFailure {
        CurlFailure(
            code,
            text: String(cString: errorText),
            systemError: Int32(truncatingIfNeeded: kee_easy_system_error(handle))
        )
    }

    private func check(_ code: CURLcode) {
        if refusal == CURLE_OK { refusal = code }
    }

    private func set(_ option: CURLoption, _ value: Int) { check(kee_easy_set_long(handle, option, value)) }
    private func set(_ option: CURLoption, _ value: Bool) { set(option, value ? 1 : 0) }
    private func set(_ option: CURLoption, _ value: String?) { check(kee_easy_set_string(handle, option, value)) }

    private func setUpCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        check(kee_easy_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
        check(kee_easy_set_pointer(handle, CURLOPT_PRIVATE, context))
        check(kee_easy_set_pointer(handle, CURLOPT_WRITEDATA, context))
        check(kee_easy_set_pointer(handle, CURLOPT_HEADERDATA, context))
        check(kee_easy_set_pointer(handle, CURLOPT_PREREQDATA, context))
        check(
            kee_easy_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                let body = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return switch CurlEasy.behind(context)?.delegate?.curlReceived(body: body) {
                case .taken: body.count
                case .holdBack: kee_write_pause
                case .abort, nil: body.count + 1
                }
            }
        )
        check(
            kee_easy_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                let goesOn = CurlEasy.behind(context)?.delegate?.curlReceived(line: line) ?? false
                return goesOn ? line.count : line.count + 1
            }
        )
        check(
            kee_easy_set_prerequest_callback(handle) { context, _, _, _, _ in
                CurlEasy.behind(context)?.delegate?.curlSendsRequest()
                return CURL_PREREQFUNC_OK
            }
        )
    }

    private static func behind(_ context: UnsafeMutableRawPointer?) -> CurlEasy? {
        context.map { Unmanaged<CurlEasy>.fromOpaque($0).takeUnretainedValue() }
    }

    private func setUpConnection(_ request: PreparedRequest) {
        set(CURLOPT_NOSIGNAL, true)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        set(CURLOPT_FOLLOWLOCATION, false)
        set(CURLOPT_PATH_AS_IS, true)
        set(CURLOPT_CONNECTTIMEOUT_MS, request.original.connectTimeout.milliseconds(atLeast: 1))
        set(CURLOPT_TCP_KEEPALIVE, true)
        set(CURLOPT_TCP_KEEPIDLE, 30)
        set(CURLOPT_TCP_KEEPINTVL, 15)
        check(kee_easy_let_go_of_resolver(handle))
        // Empty texts, since nil would make libcurl look into the environment.
        set(CURLOPT_PROXY, request.original.proxy ?? "")
        set(CURLOPT_NOPROXY, "")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        set(CURLOPT_FRESH_CONNECT, request.original.usesOwnConnection)
        set(CURLOPT_FORBID_REUSE, request.original.usesOwnConnection)
        if let place = request.connectTo {
            connectTo = curl_slist_append(nil, place)
            check(kee_easy_set_list(handle, CURLOPT_CONNECT_TO, connectTo))
        }
    }

    private func setUpTLS(_ tls: TLSOptions) {
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        set(CURLOPT_SSL_VERIFYPEER, tls.verifiesPeer)
        set(CURLOPT_SSL_VERIFYHOST, tls.verifiesPeer ? 2 : 0)
        if let authority = tls.certificateAuthority {
            set(authority, file: CURLOPT_CAINFO, blob: CURLOPT_CAINFO_BLOB)
            // libcurl would trust the system's directory of authorities beside the one that was asked for.
            set(CURLOPT_CAPATH, nil)
            check(kee_easy_reread_authorities(handle))
        }
        if let certificate = tls.clientCertificate {
            set(certificate, file: CURLOPT_SSLCERT, blob: CURLOPT_SSLCERT_BLOB)
        }
        if let key = tls.clientKey ?? tls.clientCertificate {
            set(key, file: CURLOPT_SSLKEY, blob: CURLOPT_SSLKEY_BLOB)
            // Without a passphrase OpenSSL would ask the terminal for one, and every transfer would wait.
            set(CURLOPT_KEYPASSWD, "")
        }
    }

    /// A proxy that is spoken to by https must show a certificate of the same authorities, as with kubectl.
    private func setUpProxyTLS(_ request: HTTPRequest) {
        guard let proxy = request.proxy, proxy.lowercased().hasPrefix("https:") else { return }
        set(CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        set(CURLOPT_PROXY_SSL_VERIFYPEER, request.tls.verifiesPeer)
        set(CURLOPT_PROXY_SSL_VERIFYHOST, request.tls.verifiesPeer ? 2 : 0)
        if let authority = request.tls.certificateAuthority {
            set(authority, file: CURLOPT_PROXY_CAINFO, blob: CURLOPT_PROXY_CAINFO_BLOB)
            set(CURLOPT_PROXY_CAPATH, nil)
        }
    }

    private func set(_ source: TLSOptions.Source, file: CURLoption, blob: CURLoption) {
        switch source {
        case .file(let path): set(file, path)
        case .pem(let bytes):
            check(bytes.withUnsafeBytes { kee_easy_set_blob(handle, blob, $0.baseAddress, $0.count) })
        }
    }

    private func setUpRequest(_ request: PreparedRequest) {
        set(CURLOPT_URL, request.url)
        if request.original.acceptsGzip { set(CURLOPT_ACCEPT_ENCODING, "gzip") }
        for line in request.headerLines {
            guard let longer = curl_slist_append(headers, line) else { return check(CURLE_OUT_OF_MEMORY) }
            headers = longer
        }
        check(kee_easy_set_list(handle, CURLOPT_HTTPHEADER, headers))
        switch request.original.method {
        case .head: return set(CURLOPT_NOBODY, true)
        case .get, .delete: if request.original.body == nil { set(CURLOPT_HTTPGET, true) } else { fallthrough }
        case .post, .put, .patch:
            set(CURLOPT_POST, true)
            let body = request.original.body ?? []
            check(body.withUnsafeBytes { kee_easy_set_body(handle, $0.baseAddress, $0.count) })
        }
        set(CURLOPT_CUSTOMREQUEST, request.original.method.rawValue)
    }
}

/// Owns a multi handle, and with it the connections of all its transfers.
final class CurlMulti {
    private let handle: UnsafeMutableRawPointer

    /// Nil if libcurl has no memory or no descriptors left.
    init?() {
        guard Curl.isReady, let handle = curl_multi_init() else { return nil }
        self.handle = handle
    }

    deinit {
        curl_multi_cleanup(handle)
    }

    /// Keeps that many connections and no more, those in use included. 1 or more.
    func keepConnections(_ count: Int) {
        _ = kee_multi_set_long(handle, CURLMOPT_MAXCONNECTS, max(1, count))
    }

    /// Wakes `wait` from any thread, until this object goes.
    var waker: CurlWaker { CurlWaker(handle: handle) }

    /// Starts a transfer, which must stay alive until `remove`. False if libcurl refuses it.
    func add(_ easy: CurlEasy) -> Bool {
        curl_multi_add_handle(handle, easy.handle) == CURLM_OK
    }

    /// Ends a transfer; the connection of one that was not over is closed.
    func remove(_ easy: CurlEasy) {
        _ = curl_multi_remove_handle(handle, easy.handle)
    }

    /// Reads and writes whatever can be without waiting.
    func perform() {
        var running: Int32 = 0
        _ = curl_multi_perform(handle, &running)
    }

    /// The next transfer that is over, and why if not by a clean end.
    func nextEnded() -> (id: UInt64, failure: CurlFailure?)? {
        var result = CURLE_OK
        while let ended = kee_multi_next_ended(handle, &result) {
            guard let context = kee_easy_context(ended) else { continue }
            let easy = Unmanaged<CurlEasy>.fromOpaque(context).takeUnretainedValue()
            return (easy.id, result == CURLE_OK ? nil : easy.failure(result))
        }
        return nil
    }

    /// Waits until a socket is ready, libcurl's own clock wants a turn, somebody wakes it, or the time is over.
    func wait(milliseconds: Int32) {
        kee_multi_wait(handle, milliseconds)
    }
}

/// Wakes a multi handle that waits.
///
/// `@unchecked` since a pointer is not Sendable: `curl_multi_wakeup` is the one call that libcurl documents as safe
/// from any thread. That the handle still exists is the business of `Mailbox`, which lets go of the waker first.
struct CurlWaker: @unchecked Sendable {
    fileprivate let handle: UnsafeMutableRawPointer

    func wake() {
        _ = curl_multi_wakeup(handle)
    }
}

/// A thread outside Swift's cooperative pool, for the work that waits in libcurl.
enum CurlThread {
    private final class Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs the work on a new detached thread that takes no signals; false if the system has no thread left.
    static func start(_ run: @escaping @Sendable () -> Void) -> Bool {
        let work = Unmanaged.passRetained(Work(run))
        let code = kee_thread_start(
            { context in
                guard let context else { return }
                Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
            },
            work.toOpaque()
        )
        if code != 0 { work.release() }
        return code == 0
    }
}
