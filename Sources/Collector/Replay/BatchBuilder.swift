/// Collects items on the reading thread until they are a batch.
final class BatchBuilder {
    /// Nobody takes the items any more.
    struct Abandoned: Error {}

    private let count: Int
    private let maxBytes: Int
    private let handover: BatchHandover
    private var items: [ReplayItem] = []
    private var bytes = 0

    init(count: Int, maxBytes: Int, handover: BatchHandover) {
        (self.count, self.maxBytes, self.handover) = (max(count, 1), maxBytes, handover)
    }

    func add(_ item: ReplayItem) throws(Abandoned) {
        items.append(item)
        bytes += item.size
        if items.count >= count || bytes >= maxBytes { try flush() }
    }

    /// Hands over what there is; blocks until the batch before has been taken.
    func flush() throws(Abandoned) {
        guard !items.isEmpty else { return }
        let batch = items
        items = []
        items.reserveCapacity(batch.count)
        bytes = 0
        guard handover.put(batch) else { throw Abandoned() }
    }
}
