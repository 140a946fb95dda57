/// The order of resourceVersions, where they have one.
///
/// Since Kubernetes 1.35 they are by contract decimal numbers of any length that grow (KEP-5504); before that they were
/// so in fact, being etcd's revisions. What is no such number is compared with nothing.
public enum ResourceVersion {
    /// Whether one is older than the other; nil if one of them is no decimal number without leading zeros.
    public static func isOlder(_ version: String, than other: String) -> Bool? {
        guard isDecimal(version), isDecimal(other) else { return nil }
        let (length, otherLength) = (version.utf8.count, other.utf8.count)
        return length == otherLength
            ? version.utf8.lexicographicallyPrecedes(other.utf8) : length < otherLength
    }

    private static func isDecimal(_ version: String) -> Bool {
        guard let first = version.utf8.first, first != UInt8(ascii: "0") || version.utf8.count == 1 else {
            return false
        }
        return version.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
