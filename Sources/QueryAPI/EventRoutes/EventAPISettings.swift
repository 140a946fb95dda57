public import Access
public import Listener
public import LiveTail
public import RateLimit

/// How the event routes are served.
public struct EventAPISettings: Sendable {
    /// The address to listen on: a host name, an IPv4 or an IPv6 address without brackets.
    public var host: String
    /// 0 lets the system choose a free one.
    public var port: Int
    /// The calls that each client may make.
    public var rates: RateRules
    /// What tells clients apart for that.
    public var rateKey: RateKey = .agent
    /// Who may read.
    public var access = AccessControl.open
    /// How long the archive may take for one answer; a 503 after that.
    public var requestTimeout: Duration = .seconds(5)
    /// Connections and requests at once, and how long clients are waited for.
    public var limits = ListenerLimits()
    /// The certificate; nil for plain HTTP/1.1.
    public var tls: TLSCertificate?
    /// The web pages that may read the answers; nil for none but those of the service itself.
    public var cors: CORSPolicy?

    /// The bounds and intervals of live tails.
    public var live = LiveTailSettings()
    /// A listener that takes nothing for so long is cut off.
    public var liveWriteTimeout: Duration = .seconds(30)
    /// How often it is asked whether a listener may still see what it listens to.
    public var visibilityInterval: Duration = .seconds(60)
    /// Exports at once; one more gets a 503.
    public var exportBound = 8
    /// Exports that ask the archive at once: the others wait for their turn, so that pages find connections.
    public var exportFetches = 1

    /// Settings with the defaults for everything that is not an argument.
    public init(host: String, port: Int, rates: RateRules) {
        (self.host, self.port, self.rates) = (host, port, rates)
    }

    /// One rate for everybody.
    public init(host: String, port: Int, ratePolicy: RatePolicy) {
        self.init(host: host, port: port, rates: RateRules(ratePolicy))
    }
}
