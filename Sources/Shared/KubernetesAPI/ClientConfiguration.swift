public import HTTPTransfer

/// Where an API server is and how to speak to it: what a kubeconfig's context, or a pod's service account, comes to.
public struct ClientConfiguration: Sendable {
    /// The address without a slash at its end, such as `https://10.0.0.1:6443`; may carry a path.
    public var server: String
    /// Whom to trust, the client certificate, and the name to expect. The authority's file is read at each new
    /// connection, and those of the client certificate are looked at before each request: what is rotated on disk is
    /// taken up.
    public var tls: TLSOptions
    /// A proxy to go through, as `http://host:port`, `https://host:port` or `socks5://host:port`. May carry a name and
    /// a password, so it is shown in no log and no error.
    public var proxy: String?
    /// Where the bearer token comes from, or whatever a program hands out in its place.
    public var token: TokenSource
    /// The namespace that the context or the pod is in. Not used for requests: who watches says what.
    public var namespace: String?
    /// What somebody ought to know about this configuration, in whole sentences: to be logged once, at the start.
    public var warnings: [String] = []

    /// A configuration from its parts.
    public init(
        server: String,
        tls: TLSOptions = TLSOptions(),
        proxy: String? = nil,
        token: TokenSource = .none,
        namespace: String? = nil
    ) {
        self.server = server
        self.tls = tls
        self.proxy = proxy
        self.token = token
        self.namespace = namespace
    }
}

/// Where a bearer token comes from.
public enum TokenSource: Sendable, Equatable {
    /// None: a client certificate, or an open server.
    case none
    /// A token that never changes.
    case fixed(String)
    /// A file that is rotated, and what to use as long as the file was never read, if anything.
    ///
    /// As in client-go, the file counts more than the token that stands beside it.
    case file(String, fallback: String? = nil)
    /// A program that is run for a token, a client certificate or both (`exec` of a kubeconfig's user).
    case plugin(ExecPlugin)
}

extension TokenSource: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the token itself.
    public var description: String {
        switch self {
        case .none: "no token"
        case .fixed: "a fixed token"
        case .file(let path, _): "the token in \(path)"
        case .plugin(let plugin): "what the exec plugin \(plugin.command) hands out"
        }
    }

    /// Never the token itself.
    public var debugDescription: String { description }

    /// Never the token itself, not even in a dump.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
