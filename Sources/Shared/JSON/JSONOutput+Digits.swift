extension JSONOutput {
    /// Appends an integer in decimal.
    @inlinable
    public mutating func write(_ integer: some FixedWidthInteger) {
        write(magnitude: UInt64(integer.magnitude), isNegative: integer < 0)
    }

    @usableFromInline
    mutating func write(magnitude: UInt64, isNegative: Bool) {
        if isNegative { write(UInt8(ascii: "-")) }
        var digits = 1
        var bound: UInt64 = 10
        while digits < 20, magnitude >= bound {
            digits += 1
            bound = digits < 20 ? bound * 10 : bound
        }
        write(decimal: magnitude, digits: digits)
    }

    /// Appends the last so many decimal digits of a number, leading zeros included.
    public mutating func write(decimal value: UInt64, digits: Int) {
        reserve(digits)
        var rest = value
        var position = written + digits
        while position > written {
            position -= 1
            base[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        written += digits
    }

    /// Appends the last so many hexadecimal digits of a number, in lower case, leading zeros included.
    public mutating func write(hexadecimal value: UInt64, digits: Int) {
        reserve(digits)
        var rest = value
        var position = written + digits
        while position > written {
            position -= 1
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            base[position] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
            rest >>= 4
        }
        written += digits
    }
}
