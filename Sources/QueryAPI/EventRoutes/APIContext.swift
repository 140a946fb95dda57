internal import Access
public import Hummingbird
internal import Listener
internal import NIOCore

/// What is known of a request besides the request itself.
public struct APIContext: RequestContext {
    /// Hummingbird's part.
    public var coreContext: CoreRequestContextStorage
    /// The route of the path, whatever the method; nil if there is none.
    var route: Route?
    /// The other end of the connection: the client, or the last proxy before us.
    var peer: IPAddress? { IPAddress(of: channel) }
    /// Who asks.
    var viewer: any Viewer = OpenViewer()
    /// Asks again who that is, for answers that last: tokens expire, and are taken back.
    var viewerNow: @Sendable (ContinuousClock.Instant) async throws(AccessError) -> any Viewer = { _ in OpenViewer() }
    /// The connection, or of HTTP/2 the stream, that the request came by.
    let channel: any Channel

    /// A context as Hummingbird makes one for each request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
