public import Coverage
internal import Dispatch
public import Logging
internal import Synchronization

/// Batches of watches on the disk, while the database is away or full.
///
/// What `append` has taken is on the disk and stays there until it is acknowledged, whatever crashes. Records come out in
/// the order in which they went in. After a restart everything whose segment was not deleted yet comes out again, also
/// what was acknowledged: the identity of events makes that harmless.
///
/// Memory does not grow with what lies in the spool: a batch is read when it is asked for. Several tasks may append; one
/// may drain.
public final class Spool: Sendable {
    private struct Waiting {
        let entry: SpoolEntry
        let continuation: CheckedContinuation<Result<Void, SpoolError>, Never>
    }

    private struct Glance {
        var status: SpoolStatus
        var positions: [String?: WatchPosition]
        var isClosed = false
    }

    /// Everything that blocks runs here, and the store is touched nowhere else.
    private let queue: DispatchQueue
    private let store: Mutex<SpoolStore>
    /// Those whose records go into the next sync. As many as there are tasks that append, since each waits for its own.
    private let waiting = Mutex<[Waiting]>([])
    private let glance: Mutex<Glance>
    private let filled = SpoolBell()
    private let emptied = SpoolBell()
    private let metrics: SpoolMetrics

    /// Opens the spool in a directory, which is made if it is not there, for its owner only; its parent must be.
    ///
    /// A record that a crash has torn off at the end is cut off. Damage elsewhere is set aside in files `*.corrupt`, at
    /// most 4 and a quarter of `maxBytes`; the stretch of coverage is broken there.
    ///
    /// - Parameters:
    ///   - maxBytes: of all files together, at least 64 KiB. What is there already may be more.
    ///   - cluster: whose events these are, up to 4096 bytes; those of another cluster are refused.
    /// - Throws: `inUse`, `otherCluster`, `unknownVersion` or `disk`.
    public static func open(
        directory: String,
        maxBytes: Int,
        cluster: String,
        logger: Logger,
        metrics: SpoolMetrics = SpoolMetrics()
    ) async throws(SpoolError) -> Spool {
        try await open(
            SystemSpoolFiles(directory: directory),
            directory: directory,
            maxBytes: maxBytes,
            cluster: cluster,
            logger: logger,
            metrics: metrics
        )
    }

    static func open(
        _ files: any SpoolFiles,
        directory: String,
        maxBytes: Int,
        cluster: String,
        logger: Logger,
        metrics: SpoolMetrics
    ) async throws(SpoolError) -> Spool {
        let queue = DispatchQueue(label: "kee.spool")
        return try await blocking(on: queue) { () throws(SpoolError) in
            let store = try SpoolStore.open(
                files,
                directory: directory,
                maxBytes: max(maxBytes, 64 << 10),
                cluster: cluster,
                logger: logger,
                metrics: metrics
            )
            return Spool(store, queue: queue)
        }
    }

    private init(_ store: SpoolStore, queue: DispatchQueue) {
        self.queue = queue
        metrics = store.metrics
        glance = Mutex(Glance(status: store.status, positions: store.index.positions))
        self.store = Mutex(store)
        metrics.show(glance.withLock(\.status))
    }

    // MARK: Appending

    /// Takes a record. It is on the disk when this returns. Appends that wait at the same time share a sync.
    ///
    /// - Throws: `full` until something is acknowledged (see `waitForRoom`), `tooLarge`, `disk`, or `closed`. Nothing was
    ///   taken then.
    public func append(_ record: SpoolRecord) async throws(SpoolError) {
        let entry = SpoolEntry(record, appendedAt: wallClock())
        guard entry.bytes.count <= SpoolFrame.size + SpoolFrame.largestPayload else {
            throw .tooLarge(bytes: entry.bytes.count, limit: SpoolFrame.largestPayload)
        }
        let result: Result<Void, SpoolError> = await withCheckedContinuation { continuation in
            let isFirst = waiting.withLock { waiting in
                waiting.append(Waiting(entry: entry, continuation: continuation))
                return waiting.count == 1
            }
            if isFirst { queue.async { self.commitWaiting() } }
        }
        try result.get()
    }

    /// Appends that are not being written yet.
    var waitingAppends: Int { waiting.withLock(\.count) }

    private func commitWaiting() {
        let group = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        let results = store.withLock { store in
            let results = store.commit(group.map(\.entry))
            publish(store)
            return results
        }
        filled.ring()
        for (waiting, result) in zip(group, results) { waiting.continuation.resume(returning: result) }
    }

    /// Returns when an append that was refused as `full` is worth another attempt, when the spool is closed, or when the
    /// task is cancelled.
    public func waitForRoom() async {
        while !Task.isCancelled {
            let seen = emptied.count
            guard glance.withLock({ $0.status.isFull && !$0.isClosed }) else { return }
            await emptied.wait(past: seen)
        }
    }

    // MARK: Draining

    /// The oldest records that are not acknowledged, as soon as there are some. Asked again without an acknowledgement,
    /// it hands out the same again.
    ///
    /// - Parameters:
    ///   - maxEvents: bodies in all the records together. A first record with more comes alone.
    ///   - maxBytes: of all the records together; likewise.
    /// - Returns: nil if the task is cancelled or the spool closed.
    /// - Throws: `disk`, or `damaged`.
    public func next(maxEvents: Int = 1000, maxBytes: Int = 8 << 20) async throws(SpoolError) -> SpoolBatch? {
        while !Task.isCancelled {
            let seen = filled.count
            if glance.withLock(\.isClosed) { return nil }
            let batch = try await Self.blocking(on: queue) { () throws(SpoolError) in
                try self.store.withLock { store throws(SpoolError) in
                    store.isClosed ? nil : try store.oldestBatch(maxEvents: maxEvents, maxBytes: maxBytes)
                }
            }
            if let batch { return batch }
            await filled.wait(past: seen)
        }
        return nil
    }

    /// The batch, and all before it, is in the database. Segments that hold nothing else are deleted.
    public func acknowledge(_ batch: SpoolBatch) async {
        try? await Self.blocking(on: queue) { () throws(SpoolError) in
            self.store.withLock { store in
                store.acknowledge(batch)
                self.publish(store)
            }
        }
        emptied.ring()
    }

    // MARK: Looking

    /// How much lies here.
    public var status: SpoolStatus { glance.withLock(\.status) }

    /// The position of the newest record of that namespace that has one and is not acknowledged; nil for no such record.
    /// The namespace nil stands for a watch of all.
    public func lastPosition(namespace: String?) -> WatchPosition? {
        glance.withLock { $0.positions[namespace] }
    }

    /// The same for every namespace that has one.
    public var lastPositions: [String?: WatchPosition] { glance.withLock(\.positions) }

    // MARK: The end

    /// Ends all waiting, closes the files and gives the directory free. What was taken stays on the disk.
    public func close() async {
        try? await Self.blocking(on: queue) { () throws(SpoolError) in
            self.store.withLock { $0.close() }
            self.glance.withLock { $0.isClosed = true }
        }
        filled.ring()
        emptied.ring()
    }

    private func publish(_ store: borrowing SpoolStore) {
        let (status, positions) = (store.status, store.index.positions)
        glance.withLock { glance in
            glance.status = status
            glance.positions = positions
        }
        metrics.show(status)
    }

    private static func blocking<Value: Sendable>(
        on queue: DispatchQueue,
        _ work: @escaping @Sendable () throws(SpoolError) -> Value
    ) async throws(SpoolError) -> Value {
        let result: Result<Value, SpoolError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: work)) }
        }
        return try result.get()
    }
}
