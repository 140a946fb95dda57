/// The statements that one connection has prepared, the least recently used going first.
struct StatementCache {
    /// Enough for every shape of every query of both programs; a prepared statement costs the server some 10 to 100 kB,
    /// the more partitions its plan has. At the bound the least recently used one is deallocated.
    static let capacity = 256

    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    private var entries: [PostgresStatement: Entry] = [:]
    private var uses: UInt64 = 0
    private var names: UInt64 = 0

    var count: Int { entries.count }

    /// The name under which it is prepared; counts as a use.
    mutating func name(of statement: PostgresStatement) -> String? {
        guard let index = entries.index(forKey: statement) else { return nil }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    /// A new name for a statement that is about to be prepared.
    mutating func add(_ statement: PostgresStatement) -> String {
        uses += 1
        names += 1
        let name = "kee_\(names)"
        entries[statement] = Entry(name: name, lastUse: uses)
        return name
    }

    /// It could not be prepared, or the server has forgotten it.
    mutating func remove(_ statement: PostgresStatement) { entries[statement] = nil }

    /// Takes out so many that `count` new ones fit, and returns their names.
    mutating func makeRoom(for count: Int) -> [String] {
        let excess = entries.count + count - Self.capacity
        guard excess > 0 else { return [] }
        let oldest = entries.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(excess)
        for (statement, _) in oldest { entries[statement] = nil }
        return oldest.map(\.value.name)
    }
}
