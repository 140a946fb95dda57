import Postgres
import Synchronization
import TestSupport

/// What has happened so far, told line by line.
final class ChaosProgress: Sendable {
    private struct Numbers {
        var start = ContinuousClock.now
        var created = 0
        var archived = 0
        var exits = 0
    }

    private let numbers = Mutex(Numbers())
    private let over = Observed(0)
    private let say: @Sendable (String) -> Void

    init(say: @escaping @Sendable (String) -> Void) { self.say = say }

    /// When the events began.
    var start: ContinuousClock.Instant { numbers.withLock { $0.start } }

    func begin(at now: ContinuousClock.Instant) { numbers.withLock { $0.start = now } }

    /// A fault begins.
    func note(_ step: ChaosPlan.Step) { note("#\(step.number) \(step.fault)") }

    /// Says something, with the time and the numbers so far.
    func note(_ text: String) {
        let numbers = numbers.withLock { $0 }
        let tenths = Int((ContinuousClock.now - numbers.start) / .milliseconds(100))
        say("\(tenths / 10).\(tenths % 10)s created=\(numbers.created) archived=\(numbers.archived) \(text)")
    }

    func endedByItself(_ collector: CollectorProgram, _ exit: ProgramRun.Exit) {
        numbers.withLock { $0.exits += 1 }
        note("collector \(collector.number) ended by itself: \(exit)\n\(collector.lastWords())")
    }

    /// A fault is over, and what it befell works again.
    func faultIsOver(_ step: ChaosPlan.Step) { over.change { $0 += 1 } }

    func waitForFaults(_ count: Int) async throws { try await over.wait { $0 >= count } }

    /// Asks for the numbers once a second, until it is cancelled. Who does not answer is asked again.
    func follow(_ control: ServerControl, _ database: String) async throws {
        let pool = PostgresPool(
            PostgresConfiguration(connectionString: database, applicationName: "kee-chaos"),
            maxConnections: 1
        )
        while !Task.isCancelled {
            if let status = try? await control.order("status", within: .seconds(1)) {
                numbers.withLock { $0.created = status.observations }
            }
            let sum = PostgresStatement("SELECT coalesce(sum(events), 0)::int8 FROM kee.tally")
            if let rows = try? await pool.query(sum, deadline: .now + .seconds(1)) {
                numbers.withLock { $0.archived = Int(rows.int64(0, 0)) }
            }
            try? await Task.sleep(for: .seconds(1))
        }
        await pool.shutdown()
    }
}
