internal import EventReader
internal import Hummingbird
internal import LiveTail
internal import ServiceLifecycle
internal import Synchronization

/// How long the parts of a live stream may take.
struct LiveStreamLimits: Sendable {
    /// A client that takes nothing for so long is cut off. Its kernel has room for some hundred events.
    var writeTimeout: Duration = .seconds(30)
    /// How often it is asked whether the client may still see what it listens to.
    var visibilityInterval: Duration = .seconds(60)
}

/// Writes what a listener gets to its client, as long as both are there.
struct LiveStream: Sendable {
    let listener: LiveListener
    let limits: LiveStreamLimits
    /// What the client may see now.
    let visibility: @Sendable () async throws -> Visibility
    /// Closes the connection, whatever is being written.
    let cutOff: @Sendable () -> Void

    /// Ends with a last chunk when the service stops, and when what was visible no longer is: the client comes back, to
    /// another replica or to a 403.
    func run(_ writer: inout any ResponseBodyWriter, until body: RequestBody) async throws {
        let listener = listener
        try await body.consumeWithInboundCloseHandler { _ in
            try await withGracefulShutdownHandler {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let watch = WriteWatch()
                    group.addTask { await self.lookAfterVisibility() }
                    group.addTask { await self.lookAfterWriting(watch) }
                    defer { group.cancelAll() }
                    while let bytes = await listener.next() {
                        watch.begin()
                        try await writer.write(ByteBuffer(bytes: bytes))
                        watch.end()
                    }
                }
            } onGracefulShutdown: {
                listener.close()
            }
        } onInboundClosed: {
            listener.close()
        }
        try await writer.finish(nil)
    }

    private func lookAfterVisibility() async {
        while (try? await Task.sleep(for: limits.visibilityInterval)) != nil {
            do {
                listener.restrict(to: try await visibility())
            } catch {
                return listener.close()
            }
        }
    }

    private func lookAfterWriting(_ watch: WriteWatch) async {
        while (try? await Task.sleep(for: limits.writeTimeout / 4)) != nil {
            guard let since = watch.since, ContinuousClock.now - since >= limits.writeTimeout else { continue }
            listener.close()
            return cutOff()
        }
    }
}

/// Since when a write has been under way.
private final class WriteWatch: Sendable {
    private let state = Mutex<ContinuousClock.Instant?>(nil)

    var since: ContinuousClock.Instant? { state.withLock { $0 } }
    func begin() { state.withLock { $0 = .now } }
    func end() { state.withLock { $0 = nil } }
}
