/// A number of bytes as people write it: `512MiB`, `1GB`, `64Ki` (as Kubernetes' quantities), `4096`.
public struct ByteSize: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// From 0 to 2^63 - 1.
    public let bytes: Int

    /// So many bytes.
    public init(bytes: Int) {
        self.bytes = bytes
    }

    /// Reads a whole number with or without a unit; `K` to `T` are powers of 1000, `Ki` to `Ti` of 1024.
    /// - Throws: ``SettingValueError`` that says how a size is written.
    public init(parsing text: String) throws(SettingValueError) {
        let error = SettingValueError(
            "'\(text)' is no size: give a whole number with B, KiB, MiB, GiB, TiB, kB, MB, GB or TB"
        )
        let digits = text.prefix { $0.isASCII && $0.isWholeNumber }
        var unit = text.dropFirst(digits.count)
        if unit.last == "B" { unit.removeLast() }
        guard let number = Int(digits), let factor = Self.factors[String(unit)] else { throw error }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw SettingValueError("'\(text)' is too large: a size is below 8388608TiB") }
        self.bytes = bytes
    }

    private static let factors = [
        "": 1, "k": 1000, "K": 1000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000,
        "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40,
    ]

    /// With the largest unit that leaves a whole number, so that it reads back: `512MiB`.
    public var description: String {
        for (name, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)]
        where bytes != 0 && bytes & ((1 << shift) - 1) == 0 {
            return "\(bytes >> shift)\(name)"
        }
        return "\(bytes)B"
    }

    /// By number of bytes.
    public static func < (one: ByteSize, other: ByteSize) -> Bool { one.bytes < other.bytes }
}
