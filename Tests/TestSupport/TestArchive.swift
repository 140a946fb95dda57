public import EventModel
public import EventReader
import EventSchema
public import EventWriter
public import JSON
import Logging
public import Postgres

/// An archive in a database of its own, with pools as the programs have them.
public struct TestArchive: Sendable {
    /// The database, as libpq takes it.
    public let connectionString: String
    /// As the collector connects.
    public let writing: PostgresPool
    /// As the query service connects.
    public let reading: PostgresPool
    /// As the query service reads.
    public let reader: EventReader

    /// - Parameter migrated: whether to create the schema.
    public init(migrated: Bool = true) async throws {
        connectionString = try await PostgresServer.shared().freshDatabase()
        writing = PostgresPool(Self.configuration(connectionString), maxConnections: 4)
        reading = PostgresPool(
            Self.configuration(connectionString, sessionSetup: EventReader.sessionSetup),
            maxConnections: 4
        )
        reader = EventReader(pool: reading, logger: Logger(label: "test"))
        if migrated {
            try await EventSchema.migrate(writing, logger: Logger(label: "test"), deadline: Self.soon)
        }
    }

    private static func configuration(_ connectionString: String, sessionSetup: [String] = []) -> PostgresConfiguration
    {
        PostgresConfiguration(
            connectionString: connectionString,
            applicationName: "kee-tests",
            connectTimeout: .seconds(10),
            sessionSetup: sessionSetup
        )
    }

    /// Far enough away never to be met by a test that passes.
    public static var soon: ContinuousClock.Instant { .now + .seconds(60) }

    /// As a collector writes.
    public func writer(cluster: String) -> EventWriter {
        EventWriter(cluster: cluster, pool: writing, logger: Logger(label: "test"))
    }

    /// Runs SQL and gives back the first column of the first row as text.
    public func value(_ sql: String) async throws -> String {
        let result = try await writing.query(PostgresStatement("SELECT (\(sql))::text"), deadline: Self.soon)
        return result.isNull(0, 0) ? "null" : result.text(0, 0)
    }

    /// Runs SQL, several statements if need be.
    public func execute(_ sql: String) async throws {
        try await writing.withConnection(deadline: Self.soon) { try await $0.execute(sql, deadline: Self.soon) }
    }

    /// Closes all connections.
    public func close() async {
        await reading.shutdown()
        await writing.shutdown()
    }
}

extension Event {
    /// Reads an event from JSON text.
    public init(json text: String) throws {
        self = try Event(JSONDocument(parsing: Array(text.utf8)).root, isKnownEvent: true)
    }

    /// A classic event with what a test cares about.
    public static func sample(
        _ number: Int,
        namespace: String = "shop",
        kind: String = "Pod",
        apiVersion: String = "v1",
        name: String = "web-1",
        reason: String = "BackOff",
        type: String = "Warning",
        time: String = "2026-11-21T02:00:00Z",
        message: String = "text"
    ) throws -> Event {
        try Event(
            json: """
                {"metadata":{"name":"\(name).18e9ed4676dad990","namespace":"\(namespace)","uid":"uid-\(number)",
                "resourceVersion":"\(number)","creationTimestamp":"\(time)"},
                "involvedObject":{"kind":"\(kind)","namespace":"\(namespace)","name":"\(name)","apiVersion":"\(apiVersion)"},
                "reason":"\(reason)","message":"\(message)","source":{"component":"kubelet","host":"node-1"},
                "firstTimestamp":"\(time)","lastTimestamp":"\(time)","count":1,"type":"\(type)","eventTime":null,
                "reportingComponent":"kubelet","reportingInstance":"node-1"}
                """
        )
    }
}

extension EventPage {
    /// The events on the page, parsed.
    public func events() throws -> [JSONValue] {
        Array(try JSONDocument(parsing: [UInt8(ascii: "[")] + items + [UInt8(ascii: "]")]).root.elements)
    }
}
