/// What the server must show and what is shown to it. TLS 1.2 is the least.
public struct TLSOptions: Sendable, Equatable {
    /// Where certificates or a key come from, in PEM.
    public enum Source: Sendable, Equatable {
        /// A file, read again for each new connection.
        case file(String)
        /// The PEM text itself; it never touches the disk.
        case pem([UInt8])
    }

    /// The authorities that may have signed the server's certificate, and no others; nil for the system's.
    public var certificateAuthority: Source?
    /// The client's certificate, its chain after it. Needs `clientKey` unless the same source holds the key.
    public var clientCertificate: Source?
    /// The client's private key, without a passphrase.
    public var clientKey: Source?
    /// Whether the server's certificate and name are checked. Without it anyone can answer in the server's place.
    public var verifiesPeer: Bool
    /// The name for SNI and for checking the certificate where it differs from the URL's host (`tls-server-name` of a
    /// kubeconfig).
    ///
    /// libcurl has no option for it: the request goes to the URL with this name in the host's place, connects to the
    /// original host and port (`CURLOPT_CONNECT_TO`), and carries the original host in its `Host` header.
    public var serverName: String?

    /// The system's authorities, no client certificate, the server checked; see the properties.
    public init(
        certificateAuthority: Source? = nil,
        clientCertificate: Source? = nil,
        clientKey: Source? = nil,
        verifiesPeer: Bool = true,
        serverName: String? = nil
    ) {
        self.certificateAuthority = certificateAuthority
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.verifiesPeer = verifiesPeer
        self.serverName = serverName
    }
}
