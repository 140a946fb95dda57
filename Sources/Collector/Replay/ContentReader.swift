/// From the bytes of a file, as they come, to items: decompressed if they are gzip, decoded, and read.
struct ContentReader {
    private enum Compression {
        /// Too few bytes to say.
        case unknown([UInt8])
        case none
        case gzip(GzipInflater)
        /// Something else follows the gzip stream: its beginning and where it stands in the file.
        case behindGzip(UntidyEnd)
    }

    private struct UntidyEnd {
        var excerpt: [UInt8]
        var offset: Int
    }

    private let path: String
    private let limits: ReplayLimits
    private var compression = Compression.unknown([])
    private var decoder = TextDecoder()
    private var text: TextReader
    /// Why the rest cannot be read.
    private(set) var failure: ReplayError?

    init(path: String, limits: ReplayLimits) {
        (self.path, self.limits) = (path, limits)
        text = TextReader(limits: limits)
    }

    /// Takes the next bytes of the file.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ emit: (ReplayItem) throws -> Void) rethrows {
        switch compression {
        case .unknown(let before):
            let head = before + bytes
            guard head.count >= 2 else {
                compression = .unknown(head)
                return
            }
            compression = GzipInflater.isMagic(head) ? .gzip(GzipInflater()) : .none
            try head.withUnsafeBufferPointer { try read($0, emit) }
        case .none: try readText(bytes, emit)
        case .gzip(let inflater): try inflate(bytes, with: inflater, emit)
        case .behindGzip(var end):
            end.excerpt += bytes.prefix(limits.excerpt - end.excerpt.count)
            compression = .behindGzip(end)
        }
    }

    /// The file ends here, or cannot be read further.
    mutating func finish(_ emit: (ReplayItem) throws -> Void) rethrows {
        switch compression {
        case .unknown(let head):
            compression = .none
            try head.withUnsafeBufferPointer { try readText($0, emit) }
        case .gzip(let inflater) where !inflater.isAtEnd && failure == nil:
            failure = .truncatedGzip(path: path, offset: inflater.consumed)
        case .none, .gzip, .behindGzip: break
        }
        try decoder.finish { try text.read($0, emit) }
        try text.finish(emit)
        if case .behindGzip(let end) = compression {
            try text.reject("no gzip, behind a gzip stream, at byte \(end.offset) of the file", end.excerpt, emit)
        }
    }

    private mutating func readText(_ bytes: UnsafeBufferPointer<UInt8>, _ emit: (ReplayItem) throws -> Void) rethrows {
        try decoder.decode(bytes) { try text.read($0, emit) }
    }

    private mutating func inflate(
        _ bytes: UnsafeBufferPointer<UInt8>,
        with inflater: GzipInflater,
        _ emit: (ReplayItem) throws -> Void
    ) rethrows {
        switch try inflater.inflate(bytes, into: { try readText($0, emit) }) {
        case .wantsMore: return
        case .damaged(let reason):
            failure = .damagedGzip(path: path, offset: inflater.consumed, reason: reason)
        case .untidyEnd(let count):
            let rest = bytes[(bytes.count - count)...]
            compression = .behindGzip(
                UntidyEnd(excerpt: Array(rest.prefix(limits.excerpt)), offset: inflater.consumed)
            )
        }
    }
}
