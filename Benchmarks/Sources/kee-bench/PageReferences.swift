/// What pages are measured against: the newest month asked directly, and what the reader itself asks where that differs.
final class PageReferences {
    private let month: PgbenchReference?
    private let own: PgbenchReference?
    private let ownCount: Int
    private var byMonth = Measured("pages/s")
    private var byOwn = Measured("pages/s")

    init(
        _ targets: [PageTarget],
        limit: Int,
        _ settings: BenchSettings,
        _ database: Database
    ) async throws {
        let sql = try await ReaderSQL(targets, limit: limit, database: database)
        func reference(_ statements: [String]) throws -> PgbenchReference {
            try PgbenchReference(statements, targets, limit: limit, database: database, folder: settings.folder)
        }
        let direct = try sql.ofNewestMonth()
        // A page that is not full needs more than one month.
        let isFull = sql.statements.count == 1
        month = isFull ? try reference([direct]) : nil
        own = sql.statements == [direct] ? nil : try reference(sql.statements)
        ownCount = sql.statements.count
    }

    func measure(seconds: Int) throws {
        if let month { byMonth.add(try month.pagesPerSecond(seconds: seconds)) }
        if let own { byOwn.add(try own.pagesPerSecond(seconds: seconds)) }
    }

    func add(_ what: String, _ ours: Measured, to table: inout ResultTable) {
        if month != nil { table.add(what, ours, byMonth, "pgbench, newest month directly", goal: 0.6) }
        guard own != nil else { return }
        let statements = ownCount == 1 ? "" : ", \(ownCount) statements"
        table.add(what, ours, byOwn, "pgbench, the reader's SQL\(statements)", goal: month == nil ? 0.6 : nil)
    }
}
