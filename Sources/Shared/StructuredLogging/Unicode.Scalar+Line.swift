extension Unicode.Scalar {
    /// True for what could break a line or lead a terminal astray: control characters, line separators, and marks that
    /// turn the direction of writing ("Trojan Source", CVE-2021-42574).
    var isUnsafeInALine: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0xFEFF: true
        default: false
        }
    }

    func hexadecimal(width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
