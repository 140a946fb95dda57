import Coverage
import EventSchema
import Synchronization

@testable import EventReader
@testable import EventRoutes

/// An archive of made-up events in memory, for the tests of what HTTP adds. It answers pages as the real one does: in
/// the order of (time, id), behind the cursor.
final class MemoryRepository: EventRepository {
    struct Event: Sendable {
        var time: Int64
        var id: Int64
        var cluster = "prod"
        var namespace = "shop"
        var kind = "Pod"
        var name = "web-1"
        var type = "Normal"
        var reason = "Started"
        var component = "kubelet"
        var message = "Started container web"

        var json: String {
            #"{"metadata":{"name":"\#(id)"},"type":"\#(type)","reason":"\#(reason)","cluster":"\#(cluster)"}"#
        }
    }

    struct State: Sendable {
        var events: [Event] = []
        var failure: EventReaderError?
        var clusters: [ClusterSummary] = []
        var questions: [EventQuery] = []
        var kindQuestions = 0
        /// What was asked of numbers, and what is answered: a bucket's beginning, a key, a number.
        var counts: [StatsQuery] = []
        var rows: [(Int64, String?, Int64)]?
        var coverage = ArchiveCoverage()
        /// Called before each page, so that a test can hold it.
        var gate: (@Sendable () async -> Void)?
    }

    private let state: Mutex<State>

    /// What was asked so far, or anything else of the state.
    func read<Result>(_ look: (State) -> Result) -> Result { state.withLock { look($0) } }

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    init(_ events: [Event] = []) {
        state = Mutex(State(events: events))
    }

    /// `count` events of cluster `prod`, a second apart.
    static func filled(_ count: Int) -> MemoryRepository {
        MemoryRepository((0..<Int64(count)).map { Event(time: 1_000_000 * $0, id: $0) })
    }

    private func checkedState() throws(EventReaderError) -> State {
        let state = state.withLock { $0 }
        if let failure = state.failure { throw failure }
        return state
    }

    private static func selects(_ query: EventQuery, _ event: Event) -> Bool {
        switch query.scope {
        case .everything: break
        case .cluster(let cluster): guard event.cluster == cluster else { return false }
        case .namespace(let cluster, let namespace):
            guard event.cluster == cluster, event.namespace == namespace else { return false }
        }
        guard query.visibility.includes(cluster: event.cluster, namespace: event.namespace) else { return false }
        return (query.since.map { event.time >= $0 } ?? true) && (query.until.map { event.time < $0 } ?? true)
            && (query.types.isEmpty || query.types.contains(event.type))
            && (query.reasons.isEmpty || query.reasons.contains(event.reason))
            && (query.kinds.isEmpty || query.kinds.contains { $0.kind == event.kind })
            && (query.name.map { event.name == $0 } ?? true)
            && (query.components.isEmpty || query.components.contains(event.component))
            && (query.text.map { event.message.lowercased().contains($0.lowercased()) } ?? true)
    }

    func page(
        _ query: EventQuery,
        after cursor: EventCursor?,
        limit: Int,
        as form: PageForm,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventPage {
        state.withLock { $0.questions.append(query) }
        await state.withLock { $0.gate }?()
        let events = try checkedState().events
        switch query.scope {
        case .cluster(let cluster), .namespace(let cluster, _):
            guard events.contains(where: { $0.cluster == cluster }) else { throw .unknownCluster(cluster) }
        case .everything: break
        }
        let isDescending = query.order == .newestFirst
        let matching = events.filter { event in
            guard let cursor else { return Self.selects(query, event) }
            let isBehind =
                isDescending
                ? (event.time, event.id) < (cursor.time, cursor.id) : (event.time, event.id) > (cursor.time, cursor.id)
            return isBehind && Self.selects(query, event)
        }.sorted { isDescending ? ($0.time, $0.id) > ($1.time, $1.id) : ($0.time, $0.id) < ($1.time, $1.id) }
        return Self.page(Array(matching.prefix(limit)), as: form, isLast: matching.count <= limit)
    }

    func newestOfEachCluster(
        _ count: Int,
        visibility: Visibility,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventPage {
        let events = try checkedState().events
            .filter { visibility.includes(cluster: $0.cluster, namespace: $0.namespace) }
            .sorted { ($0.time, $0.id) > ($1.time, $1.id) }
        var taken: [String: Int] = [:]
        return Self.page(
            events.filter { event in
                taken[event.cluster, default: 0] += 1
                return taken[event.cluster, default: 0] <= count
            },
            isLast: true
        )
    }

    func stats(
        _ query: StatsQuery,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventStats {
        state.withLock { $0.counts.append(query) }
        let state = try checkedState()
        if let rows = state.rows { return EventStats(query, rows: rows) }
        switch query.scope {
        case .cluster(let cluster), .namespace(let cluster, _):
            guard state.events.contains(where: { $0.cluster == cluster }) else { throw .unknownCluster(cluster) }
        case .everything: break
        }
        return EventStats(query, rows: [])
    }

    func clusters(
        visibility: Visibility,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [ClusterSummary] {
        try checkedState().clusters.filter { visibility[$0.name] != nil }
    }

    func namespaces(
        of cluster: String,
        visibility: Visibility,
        after name: String?,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [NamespaceSummary] {
        let events = try checkedState().events.filter { $0.cluster == cluster }
        guard !events.isEmpty else { throw .unknownCluster(cluster) }
        let byName = Dictionary(grouping: events, by: \.namespace)
        let names = byName.keys.sorted().filter { namespace in
            name.map { namespace > $0 } ?? true && visibility.includes(cluster: cluster, namespace: namespace)
        }
        return names.prefix(limit).map { name in
            let times = byName[name]?.map(\.time) ?? []
            return NamespaceSummary(
                name: name,
                events: Int64(times.count),
                firstEvent: times.min(),
                lastEvent: times.max()
            )
        }
    }

    func kinds(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> [ObjectKind] {
        state.withLock { $0.kindQuestions += 1 }
        return Set(try checkedState().events.map(\.kind)).sorted().map { ObjectKind(apiVersion: "v1", kind: $0) }
    }

    func coverage(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> ArchiveCoverage {
        try checkedState().coverage
    }

    func coverage(
        of cluster: String,
        visibility: Visibility,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> CoverageLedger {
        let state = try checkedState()
        if let ledger = state.coverage[cluster] { return ledger }
        guard state.events.contains(where: { $0.cluster == cluster }) else { throw .unknownCluster(cluster) }
        return CoverageLedger([:])
    }

    private static func page(_ events: [Event], as form: PageForm = .json, isLast: Bool) -> EventPage {
        let items =
            switch form {
            case .json: events.map(\.json).joined(separator: ",")
            case .lines: events.map { $0.json + "\n" }.joined()
            case .csv: events.map { "\($0.time),\($0.id)\r\n" }.joined()
            }
        let last = events.last.map { EventCursor(time: $0.time, id: $0.id) }
        return EventPage(items: Array(items.utf8), count: events.count, next: isLast ? nil : last, last: last)
    }
}
