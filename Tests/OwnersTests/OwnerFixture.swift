import EventModel
import EventReader
import EventSchema
import EventWriter
import HTTPTransfer
import JSON
import KubernetesAPI
import Logging
import Postgres
import TestSupport
import Testing

@testable import Owners

/// An API server, an archive, and a recorder between them that is told of events as a collector tells it.
struct OwnerFixture: Sendable {
    let archive: TestArchive
    let api: FakeAPIServer
    let recorder: OwnerRecorder
    private let number = Observed(0)

    /// - Parameter limits: of the recorder.
    static func run(
        limits: OwnerLimits = quick,
        archive: TestArchive? = nil,
        api: FakeAPIServer? = nil,
        _ body: @escaping @Sendable (OwnerFixture) async throws -> Void
    ) async throws {
        let ours = archive == nil
        let archive = if let archive { archive } else { try await TestArchive() }
        guard let api else {
            try await FakeAPIServer.run { try await run(limits: limits, archive: archive, api: $0, body) }
            if ours { await archive.close() }
            return
        }
        let client = KubernetesClient(
            configuration: ClientConfiguration(server: api.url),
            http: HTTPClient(),
            version: "1",
            logger: Logger(label: "test")
        )
        let recorder = OwnerRecorder(
            cluster: "c",
            source: client,
            pool: archive.writing,
            limits: limits,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.run() }
            defer { group.cancelAll() }
            try await eventually("the recorder", ask: { recorder.isRunning }) { $0 }
            try await body(OwnerFixture(archive: archive, api: api, recorder: recorder))
        }
    }

    static var quick: OwnerLimits {
        var limits = OwnerLimits()
        limits.requestsPerSecond = 1_000
        return limits
    }

    private init(archive: TestArchive, api: FakeAPIServer, recorder: OwnerRecorder) {
        (self.archive, self.api, self.recorder) = (archive, api, recorder)
    }

    /// Events about objects, archived and told of.
    func happens(to objects: FakeAPIServer.Object...) async throws {
        let first = number.change { number in
            defer { number += objects.count }
            return number
        }
        let events = try objects.enumerated().map { try Self.event(first + $0, about: $1) }
        _ = try await archive.writer(cluster: "c").write(events, deadline: TestArchive.soon)
        recorder.offer(events)
    }

    static func event(_ number: Int, about object: FakeAPIServer.Object) throws -> Event {
        let namespace = object.namespace.isEmpty ? "" : #""namespace":"\#(object.namespace)","#
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = "2026-11-21T02:\(two(number / 60 % 60)):\(two(number % 60))Z"
        return try Event(
            json: """
                {"metadata":{"name":"e-\(number)","namespace":"\(object.namespace.isEmpty ? "default" : object.namespace)",
                "uid":"event-\(number)","resourceVersion":"\(number)","creationTimestamp":"\(time)"},
                "involvedObject":{"kind":"\(object.kind)",\(namespace)"name":"\(object.name)","uid":"\(object.uid)",
                "apiVersion":"\(object.apiVersion)"},"reason":"r","message":"m","type":"Normal","count":1,
                "firstTimestamp":"\(time)","lastTimestamp":"\(time)","source":{"component":"test"}}
                """
        )
    }

    /// What is recorded, each object in a line: kind, name, the word for its chain, its owner's name.
    func records() async throws -> [String] {
        let result = try await archive.writing.query(
            PostgresStatement(
                """
                SELECT k.kind || ' ' || o.name || ' ' || o.chain || coalesce(' ' || o.owner_name, '')
                FROM kee.object o JOIN kee.kind k USING (kind_id) ORDER BY 1
                """
            ),
            deadline: TestArchive.soon
        )
        return (0..<result.rowCount).map { result.text($0, 0) }
    }

    /// Waits until this is recorded, in any order.
    func recorded(_ lines: String...) async throws {
        try await eventually("\(lines)", ask: { try await records() }) { $0 == lines.sorted() }
    }

    func timeline(
        _ kind: String,
        _ name: String,
        in namespace: String = "shop",
        visibility: Visibility = .everything
    ) async throws -> TimelinePage {
        var query = TimelineQuery(
            cluster: "c",
            namespace: namespace,
            kinds: [KindReference(kind: kind)],
            name: name
        )
        query.visibility = visibility
        return try await archive.reader.timeline(query, limit: 1_000, deadline: TestArchive.soon)
    }
}

extension TimelinePage {
    /// The names of the objects that its events are about, in their order.
    var subjects: [String] {
        get throws { try events.events().map { $0["involvedObject"]?["name"]?.string ?? "?" } }
    }
}
