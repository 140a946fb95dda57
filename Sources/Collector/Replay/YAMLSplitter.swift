/// Cuts a text into YAML documents at its `---` and `...` lines, so that each can be parsed alone.
///
/// Such a line cannot stand inside a document, not even in a block or a quoted scalar. Source: YAML 1.2, 9.1.2.
struct YAMLSplitter {
    enum Piece: Equatable {
        case document([UInt8], offset: Int)
        /// Longer than the limit: its beginning.
        case overlong([UInt8], offset: Int)
    }

    private let limits: ReplayLimits
    private var text: [UInt8] = []
    /// Where in `text` the document and its last line begin, and how far it was looked through for line ends.
    private var start = 0
    private var line = 0
    private var searched = 0
    /// Where `text` begins in the whole.
    private var base: Int
    private var overlong: (excerpt: [UInt8], offset: Int)?

    init(limits: ReplayLimits, offset: Int) {
        self.limits = limits
        base = offset
    }

    /// Takes the next bytes of the text.
    mutating func split(_ bytes: UnsafeBufferPointer<UInt8>, _ emit: (Piece) throws -> Void) rethrows {
        text.append(contentsOf: bytes)
        while let end = text[searched...].firstIndex(of: 0x0a) {
            searched = end + 1
            try endLine(at: end, emit)
            line = searched
        }
        searched = text.count
        shorten()
    }

    /// The text ends here.
    mutating func finish(_ emit: (Piece) throws -> Void) rethrows {
        try endLine(at: text.count, emit)
        try emitDocument(upTo: text.count, emit)
        start = text.count
    }

    private mutating func endLine(at end: Int, _ emit: (Piece) throws -> Void) rethrows {
        guard let marker = marker(upTo: end) else { return }
        try emitDocument(upTo: line, emit)
        start = marker == UInt8(ascii: "-") ? line : min(end + 1, text.count)
    }

    /// `-` or `.` if the line begins with three of them.
    private func marker(upTo end: Int) -> UInt8? {
        guard end - line >= 3, let first = Optional(text[line]),
            first == UInt8(ascii: "-") || first == UInt8(ascii: "."),
            text[line + 1] == first, text[line + 2] == first
        else { return nil }
        return end - line == 3 || [0x20, 0x09, 0x0d].contains(text[line + 3]) ? first : nil
    }

    private mutating func emitDocument(upTo end: Int, _ emit: (Piece) throws -> Void) rethrows {
        if let overlong {
            self.overlong = nil
            try emit(.overlong(overlong.excerpt, offset: overlong.offset))
        } else if end > start, hasContent(upTo: end) {
            let document = text[start..<end]
            if document.count > limits.yamlDocument {
                try emit(.overlong(Array(document.prefix(limits.excerpt)), offset: base + start))
            } else {
                try emit(.document(Array(document), offset: base + start))
            }
        }
    }

    /// Whether there is more than white space, comments and directives: those belong to the document that follows, and
    /// nothing that Kubernetes' tools write depends on them.
    private func hasContent(upTo end: Int) -> Bool {
        text[start..<end].split(separator: 0x0a).contains { line in
            guard let first = line.first(where: { ![0x20, 0x09, 0x0d].contains($0) }) else { return false }
            return first != UInt8(ascii: "#") && line.first != UInt8(ascii: "%")
        }
    }

    /// Forgets what was emitted, and what is too long; of that the beginning is kept, and the line at its end.
    private mutating func shorten() {
        if overlong == nil, text.count - start > limits.yamlDocument {
            overlong = (Array(text[start...].prefix(limits.excerpt)), base + start)
        }
        var unneeded = start
        if overlong != nil {
            // Of a line that long, nothing but its first bytes can matter.
            unneeded = text.count - line > limits.yamlDocument ? text.count - 1 : line
            start = unneeded
        }
        text.removeFirst(unneeded)
        base += unneeded
        start = 0
        line = max(0, line - unneeded)
        searched = text.count
    }
}
