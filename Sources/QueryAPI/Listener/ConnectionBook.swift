internal import NIOCore
internal import Synchronization

/// Every connection of a listener, bounded in number, all together and by address.
///
/// At a bound the connection that is of least use is closed (see `ListenerLimits.victim`), so that those who hold
/// connections and say nothing lock out nobody. It looks over all of them for that, which takes some tens of
/// microseconds at the default bound, under the lock.
final class ConnectionBook: Sendable {
    enum Admission {
        case admitted(ConnectionRecord)
        case refused(RefusalReason)
    }

    /// Which bound a new connection met, where every other was at work.
    enum RefusalReason: String, CaseIterable, Sendable {
        case connections
        case address
    }

    private struct State {
        var records: [Int: ConnectionRecord] = [:]
        var countOfAddress: [IPAddress: Int] = [:]
        var last = 0
    }

    let limits: ListenerLimits
    let metrics: ListenerMetrics
    private let state = Mutex(State())
    /// Bytes of answers that wait for clients.
    let unsent = Atomic(0)

    init(limits: ListenerLimits, metrics: ListenerMetrics) {
        (self.limits, self.metrics) = (limits, metrics)
    }

    var count: Int { state.withLock { $0.records.count } }

    var isOverBudget: Bool { unsent.load(ordering: .relaxed) > limits.unsentBytes }

    /// Takes in a new connection, or not.
    func admit(_ channel: any Channel, now: UInt64 = ConnectionRecord.now) -> Admission {
        let peer = channel.remoteAddress.flatMap { IPAddress($0) }
        let isCounted = peer.map { one in !limits.trustedProxies.contains { $0.contains(one) } } ?? false
        let address = peer?.network
        let (admission, victim) = state.withLock { state -> (Admission, ConnectionRecord?) in
            var victim: ConnectionRecord?
            if isCounted, let address, limits.connectionsPerAddress > 0,
                state.countOfAddress[address, default: 0] >= limits.connectionsPerAddress
            {
                victim = Self.victim(among: state.records.values.lazy.filter { $0.address == address }, now: now)
                guard victim != nil else { return (.refused(.address), nil) }
            } else if state.records.count >= limits.connections {
                victim = Self.victim(among: state.records.values.lazy, now: now)
                guard victim != nil else { return (.refused(.connections), nil) }
            }
            if let victim { Self.remove(victim, from: &state) }
            state.last += 1
            let record = ConnectionRecord(id: state.last, address: address, channel: channel, now: now)
            state.records[record.id] = record
            if let address { state.countOfAddress[address, default: 0] += 1 }
            return (.admitted(record), victim)
        }
        if let victim { cut(victim, .evicted) }
        if case .refused(let reason) = admission { metrics.countRefused(reason) }
        if case .admitted(let record) = admission {
            channel.closeFuture.whenComplete { [weak self] _ in self?.remove(record) }
        }
        return admission
    }

    private static func victim(
        among records: some Sequence<ConnectionRecord>,
        now: UInt64
    ) -> ConnectionRecord? {
        ListenerLimits.victim(among: records.lazy.map { ($0, $0.standing) }, now: now)
    }

    private func remove(_ record: ConnectionRecord) {
        state.withLock { Self.remove(record, from: &$0) }
    }

    private static func remove(_ record: ConnectionRecord, from state: inout State) {
        guard state.records.removeValue(forKey: record.id) != nil, let address = record.address else { return }
        let left = state.countOfAddress[address, default: 1] - 1
        state.countOfAddress[address] = left > 0 ? left : nil
    }

    private func cut(_ record: ConnectionRecord, _ reason: CutReason) {
        metrics.countCut(reason)
        record.channel.close(promise: nil)
    }

    /// Closes the connections whose time is up, and has those looked at whose answers wait.
    func sweep(now: UInt64 = ConnectionRecord.now) {
        let isOverBudget = isOverBudget
        let records = state.withLock { Array($0.records.values) }
        for record in records {
            switch limits.verdict(on: record.standing, now: now, isOverBudget: isOverBudget) {
            case .keep: break
            case .checkProgress: record.channel.pipeline.fireUserInboundEventTriggered(ProgressCheck())
            case .cut(let reason): cut(record, reason)
            }
        }
        metrics.record(connections: records.count, unsentBytes: unsent.load(ordering: .relaxed))
    }
}

/// Asks a connection's handler if the client takes what waits for it.
struct ProgressCheck: Sendable {}
