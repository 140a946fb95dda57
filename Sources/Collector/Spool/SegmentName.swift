/// The names of the files in a spool's directory.
enum SegmentName {
    static let lock = "lock"
    /// The breaks that damage left in the coverage of what lies here; see `SpoolDamage`.
    static let damage = "damage"

    /// `0000000000000001.spool`: by name is in order.
    static func spool(_ number: UInt64) -> String { padded(number) + ".spool" }

    /// `0000000000000001-4711.corrupt`: what stood in that segment from that byte on.
    static func corrupt(_ number: UInt64, offset: Int) -> String { "\(padded(number))-\(offset).corrupt" }

    static func number(ofSpool name: String) -> UInt64? {
        guard name.hasSuffix(".spool"), name.utf8.count == 22, let number = UInt64(name.dropLast(6)),
            spool(number) == name
        else { return nil }
        return number
    }

    static func number(ofCorrupt name: String) -> UInt64? {
        name.hasSuffix(".corrupt") ? UInt64(name.prefix(16)) : nil
    }

    private static func padded(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
    }
}
