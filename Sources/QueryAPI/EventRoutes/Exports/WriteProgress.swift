internal import NIOCore
internal import Synchronization

/// Sees to it that a client takes what it is sent: one that does not for long enough is cut off.
///
/// A write waits until the client has taken most of what was written before, so one that takes long is a client that
/// does not read.
final class WriteProgress: Sendable {
    struct Stalled: Error {}

    private let limit: Duration
    private let since = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter limit: how long one write may take.
    init(limit: Duration) {
        self.limit = limit
    }

    func begin() { since.withLock { $0 = .now } }
    func end() { since.withLock { $0 = nil } }

    /// Closes the connection when a write takes too long; else goes on until it is cancelled.
    func watch(_ channel: any Channel) async throws {
        while true {
            try await Task.sleep(for: limit / 8)
            guard let began = since.withLock({ $0 }), ContinuousClock.now - began > limit else { continue }
            channel.close(promise: nil)
            throw Stalled()
        }
    }
}
