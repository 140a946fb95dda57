extension JSONValue: Equatable {
    /// Equal as JSON values: members in any order, of a duplicated key the last, numbers by their exact value,
    /// strings by their code units.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left.kind, right.kind) {
        case (.null, .null): true
        case (.bool, .bool): left.bool == right.bool
        case (.number, .number):
            left.rawBytes == right.rawBytes || JSONDecimal(left.rawBytes) == JSONDecimal(right.rawBytes)
        case (.string, .string): left.rawBytes == right.rawBytes || left.codeUnits == right.codeUnits
        case (.array, .array): Array(left.elements) == Array(right.elements)
        case (.object, .object): left.lastMembers == right.lastMembers
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }

    private var codeUnits: [UInt16] { withRawBytes(JSONEscapes.units(of:)) }

    private var lastMembers: [Key: JSONValue] {
        Dictionary(members.map { ($0.key, $0.value) }) { _, last in last }
    }
}

extension JSONValue.Key: Hashable {
    /// Equal as names of members are: by code units, whatever is written as an escape. A `String` would also take for
    /// the same what is composed otherwise, and all lone surrogates for each other.
    public static func == (left: JSONValue.Key, right: JSONValue.Key) -> Bool {
        guard left.plainLength >= 0, right.plainLength >= 0 else { return left.value == right.value }
        return left.plainLength == right.plainLength && left.value.rawBytes == right.value.rawBytes
    }

    /// Equal names have the same hash. So have some others: in UTF-8 lone surrogates are all the same.
    public func hash(into hasher: inout Hasher) {
        if plainLength >= 0 {
            value.withRawBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        } else {
            var string = string
            string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}

/// The exact value of a number's text: sign, digits without zeros at either end, and the power of ten behind them.
struct JSONDecimal: Equatable {
    private var negative = false
    private var digits: [UInt8] = []
    /// Saturates for exponents beyond 63 bits: such texts are equal only if their digits are.
    private var exponent = 0

    init(_ text: ArraySlice<UInt8>) {
        var scale = 0
        var inFraction = false
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): negative = true
            case UInt8(ascii: "."): inFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                let text = String(decoding: rest, as: UTF8.self)
                let exact = Int(text) ?? (text.hasPrefix("-") ? Int.min : Int.max)
                // Far from the ends, since the digits are added to it.
                exponent = max(Int.min / 2, min(exact, Int.max / 2))
                rest = []
            default:
                digits.append(byte)
                if inFraction { scale += 1 }
            }
        }
        exponent -= scale
        digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { (negative, exponent) = (false, 0) }
    }
}
