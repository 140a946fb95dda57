/// Finds where JSON documents begin and end in a text that comes in chunks, without parsing them.
///
/// A document is an object or an array; between them there may be white space, or nothing. The elements of a list (of
/// `items` or `Items` in a document that has not said to be another kind, and of an array at the top) come out one by
/// one as they end, so that a list of any length takes only the memory of its longest element.
///
/// **Where it goes on after something broken.** A document whose brackets match is left to the parser, and the reading
/// goes on right behind it. Where brackets or the order of tokens do not fit, the reading goes on at the next line that
/// begins with `{` (followed by white space, `"` or `}`) in its first column: there a new document begins. In a list
/// whose elements begin on lines of their own, it goes on also at the next line that begins with `{` behind as much
/// white space as the element before: there the next element begins. Such a line is looked for behind the beginning
/// of what is broken, not behind the place where that showed; so a line of NDJSON that was cut off costs no other line.
/// A line that begins with `{` in its first column ends a string that was still open: JSON has no line breaks in
/// strings. All that lies between is one broken piece.
struct DocumentScanner {
    /// Where the next byte stands.
    enum Place {
        /// Between documents. To `root`, `list` (of an array) and `skipping`.
        case between
        /// In a document, outside of its list. To `list`, `between` and `skipping`.
        case root
        /// Between the elements of a list. To `element`, `scalar`, `root` or `between` at its end, and `skipping`.
        case list
        /// In an object or array that is an element. To `list` and `skipping`.
        case element
        /// In an element that is a string, number or literal. To `list` and `skipping`.
        case scalar
        /// Looking for a place to go on. To `root` and `element`.
        case skipping
    }

    /// The last token, as far as it decides what may follow.
    enum Token { case opened, comma, colon, value }

    /// Members at the top of a document that matter here.
    enum Key { case other, kind, items, involvedObject }

    /// The document that is being read.
    struct Root {
        var offset = 0
        var isArray = false
        var kind: String?
        var hasInvolvedObject = false
        var key = Key.other
        /// Whether its elements came or come one by one.
        var isList = false
        var indentOfElements: Int?
        var endsWithComma = false
        var isEmpty = true
        /// Where its text goes on behind its list.
        var endOfList = 0

        var list: ScannedPiece.List {
            let known: ScannedPiece.List.Kind = kind == "EventList" ? .eventList : .other
            return ScannedPiece.List(offset: offset, kind: kind == nil && !isArray ? .unknownYet : known)
        }
    }

    /// What failed and is read past.
    struct Broken {
        var reason: ScannedPiece.Breakage
        var offset: Int
    }

    let limits: ReplayLimits
    /// Brackets nested deeper are refused; it bounds, too, how often a line is read again after a failure.
    let depthLimit = 1000

    var place = Place.between
    var root = Root()
    /// Text of the document without the elements of its list.
    var rootText = ScannedText()
    /// Text of the element.
    var elementText = ScannedText()
    var elementOffset = 0
    /// The open brackets of the document or the element.
    var levels: [UInt8] = []
    var last = Token.opened
    var isInString = false
    var isEscaped = false
    /// In a string, right behind a line break.
    var isAtLineOfString = false
    var stringStart = 0
    var stringIsKey = false
    /// White space since the line began, nil if there was something else.
    var indent: Int? = 0
    var broken: Broken?
    /// The beginning of what failed and is read past.
    var brokenText: [UInt8] = []
    /// Whether what failed was an element that began a line, so that the list can go on.
    var resumesInList = false
    /// A `{` that begins a line and is taken for a beginning if the next byte fits.
    var candidate: (indent: Int, offset: Int)?
    /// How many bytes of the text have been scanned.
    var scanned = 0

    init(limits: ReplayLimits = ReplayLimits()) {
        self.limits = limits
    }

    /// Scans the next bytes of the text.
    mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ emit: (ScannedPiece) throws -> Void) rethrows {
        var position = 0
        while position < bytes.count {
            switch place {
            case .between: position = scanBetween(bytes, from: position)
            case .root, .element: position = try scanBrackets(bytes, from: position, emit)
            case .list: position = try scanList(bytes, from: position, emit)
            case .scalar: position = try scanScalar(bytes, from: position, emit)
            case .skipping: position = try skip(bytes, from: position, emit)
            }
        }
    }

    /// The text ends here.
    mutating func finish(_ emit: (ScannedPiece) throws -> Void) rethrows {
        while true {
            switch place {
            case .between: return
            case .root, .list, .element, .scalar: try fail(.endsTooEarly, emit)
            case .skipping:
                candidate = nil
                try emitBroken(emit)
                place = .between
                return
            }
        }
    }

    /// Between documents. A byte order mark is passed over: files with one each may have been put together.
    private mutating func scanBetween(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var position = start
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case 0x0a:
                indent = 0
            case 0x20, 0x09:
                indent = indent.map { $0 + 1 }
            case 0x0d, 0x1e, 0xef, 0xbb, 0xbf:
                break
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                scanned += position - start
                beginRoot(with: byte, at: scanned)
                scanned += 1
                return position + 1
            default:
                scanned += position - start
                broken = Broken(reason: .noDocument, offset: scanned)
                brokenText.removeAll(keepingCapacity: true)
                (candidate, resumesInList) = (nil, false)
                place = .skipping
                return position
            }
            position += 1
        }
        scanned += position - start
        return position
    }

    mutating func beginRoot(with bracket: UInt8, at offset: Int) {
        root = Root(offset: offset, isArray: bracket == UInt8(ascii: "["))
        rootText.begin(with: bracket)
        levels.removeAll(keepingCapacity: true)
        levels.append(bracket)
        last = .opened
        (isInString, isEscaped, isAtLineOfString) = (false, false, false)
        place = .root
        if root.isArray { beginList() }
    }

    mutating func beginList() {
        root.isList = true
        (root.isEmpty, root.endsWithComma) = (true, false)
        indent = nil
        place = .list
    }

    mutating func beginElement(with byte: UInt8, at offset: Int) {
        elementOffset = offset
        elementText.begin(with: byte)
        levels.removeAll(keepingCapacity: true)
        if byte == UInt8(ascii: "{") { root.indentOfElements = indent }
        (root.isEmpty, root.endsWithComma) = (false, false)
        (isInString, isEscaped, isAtLineOfString) = (false, false, false)
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            levels.append(byte)
            last = .opened
            place = .element
        case UInt8(ascii: "\""):
            // A string is an element whose brackets match from the start.
            (isInString, stringIsKey) = (true, false)
            last = .colon
            place = .element
        default:
            place = .scalar
        }
    }

    /// Keeps bytes of the document or the element.
    mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        scanned += range.count
        let part = UnsafeBufferPointer(rebasing: bytes[range])
        if place == .root {
            rootText.append(part, limits: limits)
        } else {
            elementText.append(part, limits: limits)
        }
    }
}
