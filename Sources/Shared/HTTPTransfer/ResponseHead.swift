/// The final status and headers of an answer.
struct ResponseHead: Sendable {
    var status: Int
    var headers: HTTPHeaders
}

/// Makes a head of the lines that come from libcurl, one with each call. No I/O.
struct ResponseHeadParser {
    enum Step: Equatable {
        /// More lines are to come.
        case more
        /// The blank line after the final head: `head` is complete.
        case complete
        /// More bytes than allowed.
        case tooLarge
        /// No HTTP status line where one has to be. A field without a colon is passed over.
        case malformed
    }

    private enum Phase {
        /// To `fields` at a status line.
        case status
        /// To `status` at the end of a 1xx answer, to `body` at the end of another.
        case fields
        /// Stays: trailers are passed over.
        case body
    }

    private(set) var head = ResponseHead(status: 0, headers: HTTPHeaders())
    private var phase = Phase.status
    private var bytesLeft: Int

    init(limit: Int) {
        self.bytesLeft = limit
    }

    /// Takes a line with its line break.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Step {
        bytesLeft -= line.count
        guard bytesLeft >= 0 else { return .tooLarge }
        switch phase {
        case .status: return takeStatus(Self.trimmed(line[...]))
        case .fields: return takeField(line)
        case .body: return .more
        }
    }

    private mutating func takeStatus(_ line: Slice<UnsafeRawBufferPointer>) -> Step {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: true)
        guard words.count >= 2, words[0].starts(with: "HTTP/".utf8), words[1].count == 3,
            let status = Int(String(decoding: words[1], as: UTF8.self)), status >= 100
        else { return .malformed }
        head = ResponseHead(status: status, headers: HTTPHeaders())
        phase = .fields
        return .more
    }

    private mutating func takeField(_ line: UnsafeRawBufferPointer) -> Step {
        let text = Self.trimmed(line[...])
        if text.isEmpty {
            phase = head.status < 200 ? .status : .body
            return phase == .body ? .complete : .more
        }
        // A line that starts with white space goes on with the field before it (RFC 9112, section 5.2).
        if Self.isSpace(line[0]) {
            if let last = head.headers.fields.indices.last {
                head.headers.fields[last].value += " " + String(decoding: text, as: UTF8.self)
            }
            return .more
        }
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return .more }
        head.headers.fields.append(
            (
                name: String(decoding: text[..<colon], as: UTF8.self),
                value: String(decoding: Self.trimmed(text[text.index(after: colon)...]), as: UTF8.self)
            )
        )
        return .more
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var rest = bytes
        while let first = rest.first, isSpace(first) { rest = rest.dropFirst() }
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return rest
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\n")
    }
}
