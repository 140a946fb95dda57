import HTTPTransfer
import KubernetesAPI
import LeaderElection
import Synchronization

/// A lease in memory that waits before each write as it is told.
final class ScriptedLeases: LeaseStore {
    private let state = Mutex<(lease: Lease?, writes: Int)>((nil, 0))
    private let before: @Sendable (Int) async -> Void

    /// - Parameter before: hears the number of the write, from 1.
    init(before: @escaping @Sendable (Int) async -> Void) {
        self.before = before
    }

    func lease(_ name: String, in namespace: String, timeout: Duration) async throws(KubernetesAPIError) -> Lease {
        guard let lease = state.withLock({ $0.lease }) else {
            let status = KubernetesStatus(code: 404, reason: "NotFound", message: "not found")
            throw KubernetesAPIError(request: "GET", cause: .status(status))
        }
        return lease
    }

    func create(_ lease: Lease, timeout: Duration) async throws(KubernetesAPIError) -> Lease { await write(lease) }
    func update(_ lease: Lease, timeout: Duration) async throws(KubernetesAPIError) -> Lease { await write(lease) }

    private func write(_ lease: Lease) async -> Lease {
        let number = state.withLock { state in
            state.writes += 1
            return state.writes
        }
        await before(number)
        var lease = lease
        lease.resourceVersion = String(number)
        state.withLock { $0.lease = lease }
        return lease
    }
}

/// Loses requests, or their answers, at random; now and then many in a row.
final class FlakyLeases: LeaseStore {
    private let leases: KubernetesClient
    private let random: Mutex<(SplitMix, bad: Int)>

    init(_ leases: KubernetesClient, seed: UInt64) {
        self.leases = leases
        random = Mutex((SplitMix(state: seed), bad: 0))
    }

    private enum Fate { case fine, lost, answerLost }

    private func fate() -> Fate {
        random.withLock { state in
            if state.bad > 0 {
                state.bad -= 1
                return .lost
            }
            switch state.0.next() % 20 {
            case 0...2: return .lost
            case 3...5: return .answerLost
            case 6:
                state.bad = 16
                return .lost
            default: return .fine
            }
        }
    }

    private func pass(
        _ request: () async throws(KubernetesAPIError) -> Lease
    ) async throws(KubernetesAPIError) -> Lease {
        let lost = KubernetesAPIError(
            request: "lost",
            cause: .transfer(HTTPTransferError(kind: .truncated, message: "lost"))
        )
        switch fate() {
        case .fine: return try await request()
        case .lost: throw lost
        case .answerLost:
            _ = try await request()
            throw lost
        }
    }

    func lease(_ name: String, in namespace: String, timeout: Duration) async throws(KubernetesAPIError) -> Lease {
        try await pass { () throws(KubernetesAPIError) in
            try await leases.lease(name, in: namespace, timeout: timeout)
        }
    }

    func create(_ lease: Lease, timeout: Duration) async throws(KubernetesAPIError) -> Lease {
        try await pass { () throws(KubernetesAPIError) in try await leases.create(lease, timeout: timeout) }
    }

    func update(_ lease: Lease, timeout: Duration) async throws(KubernetesAPIError) -> Lease {
        try await pass { () throws(KubernetesAPIError) in try await leases.update(lease, timeout: timeout) }
    }
}
