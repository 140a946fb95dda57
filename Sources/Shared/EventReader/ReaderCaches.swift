import Coverage
import EventSchema
import Postgres

/// What a reader remembers between questions; all of it bounded, none of it needed.
struct ReaderCaches {
    var dictionaries = ReaderDictionaries()
    var months: Timed<ArchiveMonths>?
    var kinds: Timed<[Int32: ObjectKind]>?
    var uncountedMonths: Timed<Set<EventMonth>>?
    var coverage = ReadByOne<ArchiveCoverage>()
    /// Nil: there are too many namespaces to count.
    var totals = ReadByOne<EventTotals?>()
    private var clusterIDs: [String: Int32] = [:]
    private var namespaceIDs: [Namespace: Int32] = [:]
    private var statements: [SelectStatement: PostgresStatement] = [:]

    struct Timed<Value> {
        let value: Value
        let readAt: ContinuousClock.Instant

        func value(within age: Duration, of now: ContinuousClock.Instant = .now) -> Value? {
            now - readAt < age ? value : nil
        }
    }

    /// Months change once a month, or when an event comes from the future.
    static let monthsAge = Duration.seconds(1)
    /// Kinds appear when somebody installs an operator.
    static let kindsAge = Duration.seconds(5)
    /// Collectors count them hour by hour, once after an upgrade.
    static let uncountedAge = Duration.seconds(60)
    /// A collector writes its coverage every some seconds, and it lags behind by more.
    static let coverageAge = Duration.seconds(5)
    /// Over 60 months of a thousand namespaces they take 6 ms to add up, and need not be exact.
    static let totalsAge = Duration.seconds(10)
    /// Shapes of questions that are asked again: 2^14 conditions and orders at the most, over the months of a year.
    private static let statementLimit = 512
    private static let clusterLimit = 10_000
    private static let namespaceLimit = 100_000

    private struct Namespace: Hashable {
        let clusterID: Int32
        let name: String
    }

    mutating func statement(_ shape: SelectStatement) -> PostgresStatement {
        if let known = statements[shape] { return known }
        if statements.count >= Self.statementLimit { statements.removeAll() }
        let statement = shape.postgres
        statements[shape] = statement
        return statement
    }

    func clusterID(_ name: String) -> Int32? { clusterIDs[name] }

    mutating func remember(_ name: String, as id: Int32) {
        if clusterIDs.count >= Self.clusterLimit { clusterIDs.removeAll() }
        clusterIDs[name] = id
    }

    func namespaceID(_ clusterID: Int32, _ name: String) -> Int32? {
        namespaceIDs[Namespace(clusterID: clusterID, name: name)]
    }

    mutating func remember(_ clusterID: Int32, _ name: String, as id: Int32) {
        if namespaceIDs.count >= Self.namespaceLimit { namespaceIDs.removeAll() }
        namespaceIDs[Namespace(clusterID: clusterID, name: name)] = id
    }
}
