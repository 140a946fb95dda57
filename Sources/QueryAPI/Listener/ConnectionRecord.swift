internal import NIOCore
internal import Synchronization

/// One connection as the book knows it. Its standing is told by its event loop and read by others.
final class ConnectionRecord: Sendable {
    let id: Int
    let address: IPAddress?
    let channel: any Channel
    private let packed: Atomic<UInt64>
    /// In HTTP/2 bytes say nothing of requests: only its streams do.
    let isMultiplexed = Atomic(false)

    init(id: Int, address: IPAddress?, channel: any Channel, now: UInt64) {
        (self.id, self.address, self.channel) = (id, address, channel)
        packed = Atomic(ConnectionStanding(.head, since: now).packed)
    }

    var standing: ConnectionStanding { ConnectionStanding(packed: packed.load(ordering: .relaxed)) }

    func set(_ phase: ConnectionStanding.Phase, since: UInt64 = ConnectionRecord.now) {
        packed.store(ConnectionStanding(phase, since: since).packed, ordering: .relaxed)
    }

    /// The first byte after a pause begins a request.
    func bytesCame() {
        guard packed.load(ordering: .relaxed) & 3 == ConnectionStanding.Phase.idle.rawValue,
            !isMultiplexed.load(ordering: .relaxed)
        else { return }
        set(.head)
    }

    /// Milliseconds of a clock that never goes back.
    static var now: UInt64 { NIODeadline.now().uptimeNanoseconds / 1_000_000 }
}
