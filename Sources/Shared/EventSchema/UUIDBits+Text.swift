extension UUIDBits: CustomStringConvertible {
    /// Reads the canonical form only: 36 characters, lower case. Uids of other forms occur (a kubelet's Node has its
    /// name for one), and tell nothing.
    public init?(canonical text: String) {
        var text = text
        guard let bits = text.withUTF8({ UUIDBits($0) }) else { return nil }
        self = bits
    }

    /// The canonical form.
    public var description: String {
        let digits = Self.digits(high) + Self.digits(low)
        var text = ""
        for (position, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(position) { text += "-" }
            text.append(digit)
        }
        return text
    }

    private static func digits(_ half: UInt64) -> String {
        let digits = String(half, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension UUIDBits: Comparable {
    /// As PostgreSQL orders them.
    public static func < (left: UUIDBits, right: UUIDBits) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
