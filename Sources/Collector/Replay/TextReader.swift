import EventModel

/// From a text in UTF-8, as it comes, to items: finds out whether it is JSON or YAML, and reads it.
struct TextReader {
    private enum State {
        /// What came so far does not say; to all others.
        case unknown([UInt8])
        case json
        case yaml(YAMLSplitter)
        /// All of it is kept until it is known to be YAML, or too long for that; to `json`.
        case jsonOrYAML([UInt8])
    }

    private let limits: ReplayLimits
    private var state = State.unknown([])
    /// Where what is kept begins in the text.
    private var offset = 0
    private var scanner: DocumentScanner
    private var items: ItemReader

    init(limits: ReplayLimits) {
        self.limits = limits
        scanner = DocumentScanner(limits: limits)
        items = ItemReader(limits: limits)
    }

    /// Takes the next bytes of the text.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ emit: (ReplayItem) throws -> Void) rethrows {
        switch state {
        case .json: try scanner.scan(bytes) { try items.read($0, emit) }
        case .yaml(var splitter):
            state = .json
            try splitter.split(bytes) { try readYAML($0, emit) }
            state = .yaml(splitter)
        case .unknown(var head):
            head += bytes
            dropEmptyLines(&head)
            state = .unknown(head)
            if let form = TextForm.of(head.prefix(limits.head), isAll: head.count >= limits.head) {
                try begin(form, with: head, emit)
            }
        case .jsonOrYAML(var text):
            state = .json
            text += bytes
            if text.count > limits.flowYAML {
                try begin(.json, with: text, emit)
            } else {
                state = .jsonOrYAML(text)
            }
        }
    }

    /// The text ends here.
    mutating func finish(_ emit: (ReplayItem) throws -> Void) rethrows {
        if case .unknown(let head) = state {
            try begin(TextForm.of(head[...], isAll: true) ?? .json, with: head, emit)
        }
        if case .jsonOrYAML(let text) = state, try !readAllAsYAML(text, emit) {
            try begin(.json, with: text, emit)
        }
        if case .yaml(var splitter) = state {
            state = .json
            try splitter.finish { try readYAML($0, emit) }
        }
        try scanner.finish { try items.read($0, emit) }
        try items.finish(emit)
    }

    /// Rejects what is no text.
    mutating func reject(_ words: String, _ excerpt: [UInt8], _ emit: (ReplayItem) throws -> Void) rethrows {
        try items.reject(words, excerpt, at: scanner.scanned, emit)
    }

    private mutating func begin(
        _ form: TextForm,
        with text: [UInt8],
        _ emit: (ReplayItem) throws -> Void
    ) rethrows {
        switch form {
        case .json:
            scanner.scanned = offset
            state = .json
        case .yaml: state = .yaml(YAMLSplitter(limits: limits, offset: offset))
        case .jsonOrYAML: state = .jsonOrYAML([])
        }
        try text.withUnsafeBufferPointer { try read($0, emit) }
    }

    /// Empty lines mean nothing, and there may be gigabytes of them; the white space before the first word of YAML does.
    private mutating func dropEmptyLines(_ head: inout [UInt8]) {
        let space = head.prefix { TextForm.isSpace($0) }
        guard let end = space.lastIndex(of: 0x0a) else { return }
        head.removeFirst(end + 1)
        offset += end + 1
    }

    /// Says whether all of the text is YAML; otherwise nothing is emitted.
    private mutating func readAllAsYAML(_ text: [UInt8], _ emit: (ReplayItem) throws -> Void) rethrows -> Bool {
        let before = items
        var found: [ReplayItem] = []
        var splitter = YAMLSplitter(limits: limits, offset: offset)
        text.withUnsafeBufferPointer { text in
            splitter.split(text) { piece in readYAML(piece) { found.append($0) } }
        }
        splitter.finish { piece in readYAML(piece) { found.append($0) } }
        guard !found.contains(where: \.isMalformed) else {
            items = before
            return false
        }
        state = .json
        for item in found { try emit(item) }
        return true
    }

    /// Reads one document: as JSON, element by element. What stands before a mistake is kept.
    private mutating func readYAML(_ piece: YAMLSplitter.Piece, _ emit: (ReplayItem) throws -> Void) rethrows {
        switch piece {
        case .overlong(let excerpt, let offset):
            let words = "longer than \(limits.yamlDocument) bytes, without a --- line; it begins at byte \(offset)"
            try items.reject(words, excerpt, at: offset, emit)
        case .document(let text, let offset):
            let (json, failure) = YAMLConversion.json(of: text, limits: limits)
            try readJSON(json, ofYAMLAt: offset, isCut: failure != nil, emit)
            guard let failure else { return }
            let place = (failure.line.map { "line \($0) of " } ?? "") + "what begins at byte \(offset)"
            try items.reject("neither JSON nor YAML: \(failure.words), in \(place)", text, at: offset, emit)
        }
    }

    private mutating func readJSON(
        _ json: [UInt8],
        ofYAMLAt offset: Int,
        isCut: Bool,
        _ emit: (ReplayItem) throws -> Void
    ) rethrows {
        guard let first = json.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            // A document without anything in it is null.
            if !isCut, !json.isEmpty, json != Array("null".utf8) {
                try items.rejectScalar(json, at: offset, emit)
            }
            return
        }
        var scanner = DocumentScanner(limits: limits)
        try json.withUnsafeBufferPointer { json in
            try scanner.scan(json) { try items.read($0, ofYAMLAt: offset, emit) }
        }
        if !isCut { try scanner.finish { try items.read($0, ofYAMLAt: offset, emit) } }
        try items.finish(emit)
    }
}

extension ItemReader {
    /// The offset in the JSON text means nothing to anybody; that of the YAML document does.
    fileprivate mutating func read(
        _ piece: ScannedPiece,
        ofYAMLAt offset: Int,
        _ emit: (ReplayItem) throws -> Void
    ) rethrows {
        try read(piece) { item in
            var item = item
            item.offset = offset
            try emit(item)
        }
    }
}

extension ReplayItem {
    fileprivate var isMalformed: Bool {
        switch event {
        case .success: return false
        case .failure(let rejection):
            if case .malformed = rejection.reason { return true }
            return false
        }
    }
}
