/// Which transfers may start: first come, first served, but nobody waits for a host that is not its own.
struct Admission {
    typealias ID = UInt64

    private let limit: Int
    private let limitPerHost: Int
    private var waiting: [(id: ID, host: String)] = []
    private var running: [ID: String] = [:]
    private var runningPerHost: [String: Int] = [:]

    init(limit: Int, limitPerHost: Int) {
        self.limit = max(1, limit)
        self.limitPerHost = max(1, limitPerHost)
    }

    var waitingCount: Int { waiting.count }

    /// A transfer wants to start. The queue is bounded by who calls this: see `Mailbox`.
    mutating func submitted(_ id: ID, host: String) {
        waiting.append((id, host))
    }

    /// A transfer is over, whether it waited or ran.
    mutating func finished(_ id: ID) {
        if let host = running.removeValue(forKey: id) {
            let left = (runningPerHost[host] ?? 1) - 1
            runningPerHost[host] = left > 0 ? left : nil
        } else {
            waiting.removeAll { $0.id == id }
        }
    }

    /// The next transfer that may start, which then counts as running, or nil.
    mutating func next() -> ID? {
        guard running.count < limit,
            let index = waiting.firstIndex(where: { runningPerHost[$0.host, default: 0] < limitPerHost })
        else { return nil }
        let (id, host) = waiting.remove(at: index)
        running[id] = host
        runningPerHost[host, default: 0] += 1
        return id
    }
}
