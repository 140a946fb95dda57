import EventModel
import JSON

/// Makes items of what the scanner cut out. Each piece is parsed once.
struct ItemReader {
    private let limits: ReplayLimits
    /// How many items there were; the index of the next.
    private(set) var count = 0
    /// Elements of one list that do not show what they are; its kind, behind them, may still say it.
    private var undecided: [Undecided] = []
    private var undecidedList = 0
    private var undecidedBytes = 0

    private struct Undecided {
        var index: Int
        var offset: Int
        var value: JSONValue
        var text: [UInt8]
    }

    init(limits: ReplayLimits) {
        self.limits = limits
    }

    /// Reads one piece; calls `emit` for every event in it, and for what should be one and is not.
    mutating func read(_ piece: ScannedPiece, _ emit: (ReplayItem) throws -> Void) rethrows {
        switch piece {
        case .document(let text, let offset):
            try finish(emit)
            guard let root = try parse(text, at: offset, emit) else { return }
            try EventDocument.forEachItem(of: root) { try add($0, text, at: offset, emit) }
        case .element(let text, let offset, let list):
            if list.offset != undecidedList { try finish(emit) }
            guard let value = try parse(text, at: offset, emit) else { return }
            try readElement(value, text, at: offset, of: list, emit)
        case .envelope(let text, let offset):
            if offset != undecidedList { try finish(emit) }
            let root = try parse(text, at: offset, emit)
            try finish(areEvents: root?["kind"]?.string == "EventList", emit)
        case .broken(let reason, let excerpt, let offset):
            let words = "\(reason); it begins at byte \(offset)"
            try add(.failure(EventRejection(.malformed(words))), excerpt, at: offset, emit)
        }
    }

    /// Nothing more comes.
    mutating func finish(_ emit: (ReplayItem) throws -> Void) rethrows {
        try finish(areEvents: false, emit)
    }

    /// Rejects a document that is a string, number or literal.
    mutating func rejectScalar(
        _ text: [UInt8],
        at offset: Int,
        _ emit: (ReplayItem) throws -> Void
    ) rethrows {
        try add(.failure(EventRejection(.notAnObject)), text, at: offset, emit)
    }

    /// Rejects something that never became JSON.
    mutating func reject(
        _ words: String,
        _ excerpt: [UInt8],
        at offset: Int,
        _ emit: (ReplayItem) throws -> Void
    ) rethrows {
        try add(.failure(EventRejection(.malformed(words))), excerpt, at: offset, emit)
    }

    private mutating func readElement(
        _ value: JSONValue,
        _ text: [UInt8],
        at offset: Int,
        of list: ScannedPiece.List,
        _ emit: (ReplayItem) throws -> Void
    ) rethrows {
        let item = EventDocument.read(value, isKnownEvent: list.kind == .eventList)
        guard case .failure(let rejection) = item else { return try add(item, text, at: offset, emit) }
        switch rejection.reason {
        case .unrecognised where list.kind == .unknownYet && undecidedBytes + text.count <= limits.undecided:
            undecided.append(Undecided(index: count, offset: offset, value: value, text: text))
            undecidedList = list.offset
            undecidedBytes += text.count
            count += 1
        case .otherKind("EventList"), .otherKind("List"):
            // The list before was cut off, and this is the next one.
            try EventDocument.forEachItem(of: value) { try add($0, text, at: offset, emit) }
        default:
            try add(item, text, at: offset, emit)
        }
    }

    private mutating func finish(areEvents: Bool, _ emit: (ReplayItem) throws -> Void) rethrows {
        guard !undecided.isEmpty else { return }
        let elements = undecided
        (undecided, undecidedBytes) = ([], 0)
        for element in elements {
            let item = EventDocument.read(element.value, isKnownEvent: areEvents)
            try emit(self.item(item, element.text, index: element.index, at: element.offset))
        }
    }

    private mutating func parse(
        _ text: [UInt8],
        at offset: Int,
        _ emit: (ReplayItem) throws -> Void
    ) rethrows -> JSONValue? {
        do throws(JSONError) {
            return try JSONDocument(parsing: text).root
        } catch {
            try reject("\(error) of what begins at byte \(offset)", text, at: offset, emit)
            return nil
        }
    }

    private mutating func add(
        _ event: EventDocument.Item,
        _ text: [UInt8],
        at offset: Int,
        _ emit: (ReplayItem) throws -> Void
    ) rethrows {
        let index = count
        count += 1
        try emit(item(event, text, index: index, at: offset))
    }

    private func item(_ event: EventDocument.Item, _ text: [UInt8], index: Int, at offset: Int) -> ReplayItem {
        let body: [UInt8] =
            switch event {
            case .success: []
            case .failure: text.count <= limits.excerpt ? text : Array(text.prefix(limits.excerpt))
            }
        return ReplayItem(index: index, offset: offset, event: event, body: body, size: text.count)
    }
}
