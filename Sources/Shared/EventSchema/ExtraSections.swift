import JSON

/// The writing of `extra`: `{"e":{...},"m":{...},"o":{...},"s":{...}}`, with only the sections that hold something.
struct ExtraSections {
    enum Section: Int, CaseIterable { case top, metadata, object, source }

    private var texts: [[UInt8]] = []

    mutating func add(_ name: StaticString, _ value: JSONValue, to section: Section) {
        append(to: section) { output in
            output.write("\"")
            output.write(name)
            output.write("\":")
            output.write(value)
        }
    }

    mutating func add(_ member: JSONValue.Member, to section: Section) {
        append(to: section) { output in
            output.write(member.key.json)
            output.write(":")
            output.write(member.value)
        }
    }

    private mutating func append(to section: Section, _ body: (inout JSONOutput) -> Void) {
        if texts.isEmpty { texts = Array(repeating: [], count: Section.allCases.count) }
        var output = JSONOutput()
        if !texts[section.rawValue].isEmpty { output.write(",") }
        body(&output)
        output.withBytes { texts[section.rawValue].append(contentsOf: $0) }
    }

    var bytes: [UInt8]? {
        guard !texts.isEmpty else { return nil }
        var output = JSONOutput(capacity: texts.reduce(32) { $0 + $1.count })
        output.write("{")
        for (name, text) in zip(Self.names, texts) where !text.isEmpty {
            if output.count > 1 { output.write(",") }
            output.write(string: name)
            output.write(":{")
            output.write(text)
            output.write("}")
        }
        output.write("}")
        return output.bytes
    }

    /// In the order of `Section`.
    static let names = ["e", "m", "o", "s"]
}

extension JSONValue {
    /// Whether jsonb gives this value back exactly: no U+0000, no lone surrogate, no number that numeric rewrites.
    var fitsJSONB: Bool {
        switch kind {
        case .null, .bool: true
        case .string: isStorableString
        case .number: isPlainNumber
        case .array: elements.allSatisfy(\.fitsJSONB)
        case .object: members.allSatisfy { $0.key.json.isStorableString && $0.value.fitsJSONB }
        }
    }

    /// No exponent, no negative zero, at most 100 characters: numeric keeps it to the last digit.
    private var isPlainNumber: Bool {
        let bytes = rawBytes
        guard bytes.count <= 100 else { return false }
        let isZero = bytes.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
        if isZero && bytes.first == UInt8(ascii: "-") { return false }
        return bytes.allSatisfy { $0 | 0x20 != UInt8(ascii: "e") }
    }

    /// An integer that is written the way `Int64.description` writes it.
    var isCanonicalInteger: Bool { rawBytes != [UInt8(ascii: "-"), UInt8(ascii: "0")] }

    /// The value of a string of decimal digits without a leading zero, if it fits.
    var canonicalDecimal: Int64? {
        guard isPlainString else { return nil }
        return withRawBytes { bytes in
            guard (1...19).contains(bytes.count), bytes.count == 1 || bytes[0] != UInt8(ascii: "0") else { return nil }
            var value: Int64 = 0
            for byte in bytes {
                let digit = byte &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                let (scaled, overflowed) = value.multipliedReportingOverflow(by: 10)
                let (sum, exceeded) = scaled.addingReportingOverflow(Int64(digit))
                guard !overflowed, !exceeded else { return nil }
                value = sum
            }
            return value
        }
    }
}

extension String {
    /// The longest prefix of whole scalars that has at most so many bytes.
    public func prefix(utf8Count limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while end > utf8.startIndex, utf8[end] & 0xc0 == 0x80 { end = utf8.index(before: end) }
        return String(unicodeScalars[..<end])
    }
}
