/// From a text in UTF-8, as it comes, to items: finds out whether it is JSON or YAML, and reads it.
struct TextReader {
    private enum Form {
        /// Nothing but white space and brackets so far; what has to be read again.
        case unknown([UInt8])
        case json
    }

    private let limits: ReplayLimits
    private var form = Form.unknown([])
    private var scanner: DocumentScanner
    private var items: ItemReader

    init(limits: ReplayLimits) {
        self.limits = limits
        scanner = DocumentScanner(limits: limits)
        items = ItemReader(limits: limits)
    }

    /// Takes the next bytes of the text.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ emit: (ReplayItem) throws -> Void) rethrows {
        form = .json
        try scanner.scan(bytes) { try items.read($0, emit) }
    }

    /// The text ends here.
    mutating func finish(_ emit: (ReplayItem) throws -> Void) rethrows {
        try scanner.finish { try items.read($0, emit) }
        try items.finish(emit)
    }

    /// Rejects what is no text.
    mutating func reject(_ words: String, _ excerpt: [UInt8], _ emit: (ReplayItem) throws -> Void) rethrows {
        try items.reject(words, excerpt, at: scanner.scanned, emit)
    }
}
