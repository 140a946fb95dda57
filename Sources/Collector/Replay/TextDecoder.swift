/// Brings a text to UTF-8 without a byte order mark: UTF-8 stays as it is, valid or not, and UTF-16 is transcoded.
struct TextDecoder {
    private enum Encoding {
        /// Too few bytes to say.
        case unknown([UInt8])
        case utf8
        case utf16(UTF16Transcoder)
    }

    private var encoding = Encoding.unknown([])

    /// Takes the next bytes, and calls `body` with their UTF-8.
    mutating func decode(
        _ bytes: UnsafeBufferPointer<UInt8>,
        into body: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) rethrows {
        switch encoding {
        case .unknown(let before):
            let head = before + bytes
            if head.count < 4 {
                encoding = .unknown(head)
            } else {
                try begin(with: head, into: body)
            }
        case .utf8: try body(bytes)
        case .utf16(var transcoder):
            encoding = .utf8
            let output = transcoder.transcode(bytes)
            encoding = .utf16(transcoder)
            try output.withUnsafeBufferPointer(body)
        }
    }

    /// The text ends here.
    mutating func finish(into body: (UnsafeBufferPointer<UInt8>) throws -> Void) rethrows {
        if case .unknown(let head) = encoding { try begin(with: head, into: body) }
        guard case .utf16(var transcoder) = encoding else { return }
        let output = transcoder.finish()
        try output.withUnsafeBufferPointer(body)
    }

    private mutating func begin(
        with head: [UInt8],
        into body: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) rethrows {
        var markCount = 0
        switch (head.count > 0 ? head[0] : 1, head.count > 1 ? head[1] : 1, head.count > 2 ? head[2] : 1) {
        case (0xef, 0xbb, 0xbf): (encoding, markCount) = (.utf8, 3)
        case (0xff, 0xfe, _): (encoding, markCount) = (.utf16(UTF16Transcoder(isBigEndian: false)), 2)
        case (0xfe, 0xff, _): (encoding, markCount) = (.utf16(UTF16Transcoder(isBigEndian: true)), 2)
        default: encoding = Self.encodingWithoutMark(head)
        }
        try head[markCount...].withUnsafeBufferPointer { rest in
            try decode(rest, into: body)
        }
    }

    /// JSON and YAML begin with an ASCII character, so that zeros tell. Source: RFC 4627, section 3; YAML 1.2, 5.2.
    private static func encodingWithoutMark(_ head: [UInt8]) -> Encoding {
        guard head.count >= 2 else { return .utf8 }
        switch (head[0] == 0, head[1] == 0) {
        case (true, false): return .utf16(UTF16Transcoder(isBigEndian: true))
        case (false, true): return .utf16(UTF16Transcoder(isBigEndian: false))
        default: return .utf8
        }
    }
}
