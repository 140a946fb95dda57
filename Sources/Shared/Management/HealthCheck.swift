/// A part of the program that must be well: a name, and a way to ask.
public struct HealthCheck: Sendable {
    /// One word, e.g. `database`.
    public let name: String
    /// Nil when all is well, otherwise why not: one line, without secrets.
    let check: @Sendable () async -> String?

    /// A check that is asked at each probe, one at a time, and counts as failed when it has not answered in 2 s; it is
    /// cancelled then.
    public init(_ name: String, check: @escaping @Sendable () async -> String?) {
        self.name = name
        self.check = check
    }
}

/// What all checks together say.
struct HealthReport: Sendable, Equatable {
    /// One line for each part that is not well, in order.
    let failures: [String]

    var isHealthy: Bool { failures.isEmpty }
    var text: String { isHealthy ? "ok\n" : failures.map { $0 + "\n" }.joined() }

    /// Asks all at once.
    static func asking(_ checks: [BoundedHealthCheck]) async -> HealthReport {
        let failures = await withTaskGroup(of: (Int, String)?.self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask {
                    await check.reason().map { (index, "\(check.name): \(oneLine($0))") }
                }
            }
            return await group.reduce(into: [(Int, String)]()) { failures, failure in
                if let failure { failures.append(failure) }
            }
        }
        return HealthReport(failures: failures.sorted { $0.0 < $1.0 }.map(\.1))
    }

    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}
