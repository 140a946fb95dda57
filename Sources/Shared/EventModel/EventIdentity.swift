import Crypto
import JSON

/// The 64-bit hashes that the archive knows events and objects by: the first eight bytes, big-endian, of a SHA-256 over
/// parts of which each is preceded by its length as four big-endian bytes.
public enum EventIdentity {
    /// What makes one observation itself: cluster, uid and resourceVersion. Without both of the latter all that there
    /// is, as canonical JSON: members sorted, managedFields left out.
    public static func observation(_ event: Event, cluster: String) -> Int64 {
        var hash = Hash(cluster)
        if let uid = event.metadata?.uid, let version = event.metadata?.resourceVersion,
            uid.isNonEmptyString, version.isNonEmptyString
        {
            hash.add(uid)
            hash.add(version)
        } else {
            var canonical = JSONOutput()
            canonical.write(canonical: event)
            canonical.withBytes { hash.add($0) }
        }
        return hash.value
    }

    /// An object by its name, whatever its kind: rows of objects that share it are told apart by their kind.
    public static func object(cluster: String, namespace: String, name: String) -> Int64 {
        var hash = Hash(cluster)
        hash.add(namespace)
        hash.add(name)
        return hash.value
    }

    private struct Hash {
        private var function = SHA256()

        init(_ first: String) {
            add(first)
        }

        mutating func add(_ text: String) {
            var text = text
            text.withUTF8 { add($0) }
        }

        mutating func add(_ value: JSONValue) {
            if value.isPlainString { value.withRawBytes { add($0) } } else { add(value.string ?? "") }
        }

        mutating func add(_ part: UnsafeBufferPointer<UInt8>) {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: part.count).bigEndian) { function.update(bufferPointer: $0) }
            function.update(bufferPointer: UnsafeRawBufferPointer(part))
        }

        var value: Int64 {
            function.finalize().withUnsafeBytes { Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) }
        }
    }
}

extension JSONValue {
    fileprivate var isNonEmptyString: Bool { kind == .string && !rawBytes.isEmpty }
}
