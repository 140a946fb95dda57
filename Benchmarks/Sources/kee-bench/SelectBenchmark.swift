import EventReader
import Postgres

/// Pages of events as JSON, without HTTP, against the same SQL without JSON.
struct SelectBenchmark {
    let settings: BenchSettings
    let database: Database

    static let limit = 50

    func run(into table: inout ResultTable) async throws {
        let pool = database.pool(connections: PgbenchReference.clients, setup: EventReader.sessionSetup)
        let reader = EventReader(pool: pool, logger: Database.logger)
        for shape in PageTarget.Shape.allCases {
            let targets = try await PageTarget.all(shape, pool)
            let references = try await PageReferences(targets, limit: Self.limit, settings, database)
            _ = try await Self.pages(reader, targets, seconds: 0.2)
            var (ours, processor) = (Measured("pages/s"), Measured("µs"))
            for _ in 0..<settings.rounds {
                let before = CPUTime.ofThisProcess
                let rate = try await Self.pages(reader, targets, seconds: Double(settings.secondsOfRound))
                let pages = rate * Double(settings.secondsOfRound)
                processor.add((CPUTime.ofThisProcess - before) / pages * 1e6)
                ours.add(rate)
                try references.measure(seconds: settings.secondsOfRound)
            }
            references.add("select: \(shape.rawValue)", ours, to: &table)
            table.note("select: \(shape.rawValue), processor time of a page outside the server: \(processor.text)")
        }
        await pool.shutdown()
    }

    /// Pages a second by four tasks.
    private static func pages(_ reader: EventReader, _ targets: [PageTarget], seconds: Double) async throws -> Double {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<PgbenchReference.clients {
                group.addTask {
                    var pages = 0
                    while ContinuousClock.now < end {
                        let query = targets[(task + pages) % targets.count].query
                        let page = try await reader.page(query, limit: limit, deadline: .now + .seconds(30))
                        guard page.count > 0 else { throw BenchError("the page of \(query) is empty") }
                        pages += 1
                    }
                    return pages
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / (ContinuousClock.now - start).inSeconds
    }
}
