/// Whose turn it is to ask the archive: so many at once, the others in the order in which they came.
///
/// Exports take turns page by page, so that each goes on however many there are, and together they never hold more
/// than their share of the connections to the database. Bounded by the number of exports, which is bounded.
struct FetchTurns {
    /// Who may ask at once.
    let bound: Int
    private(set) var taken = 0
    private(set) var waiting: [Int] = []

    init(bound: Int) {
        self.bound = bound
    }

    enum Action: Equatable {
        case go
        /// Until `finish` names it.
        case wait
    }

    mutating func ask(_ id: Int) -> Action {
        guard taken >= bound else {
            taken += 1
            return .go
        }
        waiting.append(id)
        return .wait
    }

    /// Somebody does not want to wait any more. False if it is their turn already.
    mutating func leave(_ id: Int) -> Bool {
        guard let position = waiting.firstIndex(of: id) else { return false }
        waiting.remove(at: position)
        return true
    }

    /// A turn is over. Gives whose is next.
    mutating func finish() -> Int? {
        guard !waiting.isEmpty else {
            taken -= 1
            return nil
        }
        return waiting.removeFirst()
    }
}
