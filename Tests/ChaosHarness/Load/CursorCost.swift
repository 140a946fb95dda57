import Coverage
import EventModel
import EventSchema
import EventWriter
import JSON
import Logging
import Postgres

/// What it costs to write cursor and coverage into the transaction of the events that they vouch for.
struct CursorCost {
    /// Events of a batch: what comes in `WatchOptions.batchInterval` at 500 events/s.
    static let batch = 12

    /// Microseconds of a batch with and without a cursor, in order.
    private(set) var with: [Int64] = []
    private(set) var without: [Int64] = []

    /// Writes each batch twice, for one cluster with and for another without, in turn.
    init(bodies: [[UInt8]], connectionString: String) async throws {
        let events = try bodies.map { try Event(JSONDocument(parsing: $0).root) }
        let logger = Logger(label: "kee-chaos")
        let pool = PostgresPool(
            PostgresConfiguration(
                connectionString: connectionString,
                applicationName: "kee-chaos",
                sessionSetup: ["SET plan_cache_mode = force_generic_plan", "SET jit = off"]
            ),
            maxConnections: 1,
            logger: logger
        )
        do {
            try await EventSchema.migrate(pool, logger: logger, deadline: .now + .seconds(60))
            let vouching = EventWriter(cluster: "with-cursor", pool: pool, logger: logger)
            let plain = EventWriter(cluster: "without-cursor", pool: pool, logger: logger)
            for number in 0..<events.count / Self.batch {
                let batch = Array(events[number * Self.batch..<(number + 1) * Self.batch])
                // The order changes, so that neither always finds the dictionaries warm.
                for isFirst in [true, false] {
                    if isFirst == number.isMultiple(of: 2) {
                        with.append(try await Self.duration(of: batch, [Self.cursor(number)], by: vouching))
                    } else {
                        without.append(try await Self.duration(of: batch, [], by: plain))
                    }
                }
            }
            await pool.shutdown()
        } catch {
            await pool.shutdown()
            throw error
        }
        with.sort()
        without.sort()
    }

    private static func cursor(_ number: Int) -> WatchCursor {
        let stretch = CoverageStretch(since: 0, until: Int64(number), cause: .first)
        let position = WatchPosition(resourceVersion: "\(number)", stretch: stretch)
        return WatchCursor(namespace: nil, position: position)
    }

    private static func duration(
        of batch: [Event],
        _ cursors: [WatchCursor],
        by writer: EventWriter
    ) async throws -> Int64 {
        let start = ContinuousClock.now
        _ = try await writer.write(batch, cursors: cursors, deadline: start + .seconds(60))
        return Int64((ContinuousClock.now - start) / .microseconds(1))
    }
}
