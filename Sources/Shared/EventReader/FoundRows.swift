import Postgres

/// Rows in the order of the question, of one result or of several.
struct FoundRows {
    /// So many are enough.
    let limit: Int
    private(set) var rows: [(result: PostgresResult, row: Int)] = []
    /// Whether rows were left out because those before them are large.
    private(set) var isFull = false

    init(limit: Int) {
        self.limit = limit
    }

    var isEnough: Bool { isFull || rows.count >= limit }

    /// Rows that follow those that there are; what exceeds the limit is left out.
    mutating func append(_ result: PostgresResult) {
        let count = min(result.rowCount, limit - rows.count)
        rows += (0..<count).map { (result, $0) }
        isFull = result.isFull && count == result.rowCount
    }
}

extension PostgresResult {
    /// Whether rows were left out because those before them are large.
    var isFull: Bool {
        rowCount > 0 && columnCount > EventColumns.isFull && bool(rowCount - 1, EventColumns.isFull)
    }
}
