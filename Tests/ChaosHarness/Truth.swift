import Crypto
import JSON
import TestSupport

/// What the journal of the fake API server says that there was: what the archive is compared with.
struct Truth: Sendable {
    /// An event as it was from one version on: what an ADDED or MODIFIED frame shows.
    struct State: Sendable {
        let identity: StateIdentity
        /// `namespace/name`.
        let key: String
        /// When the API server accepted it: microseconds since 1970.
        let time: Int64
        /// When it was changed again or deleted: from then on no list shows it. Nil while it stands.
        var supersededAt: Int64?
        /// Whether it was undone by a restore from a backup, so that it never was.
        var isRolledBack = false
    }

    /// In the order in which they came to be.
    private(set) var states: [State] = []
    /// When versions ceased to be good to go on from: the times of compactions and restores.
    private(set) var expirations: [Int64] = []

    /// States that stand, by key; places in `states`.
    private var standing: [String: Int] = [:]
    private var backup: (standing: [String: Int], count: Int)?

    /// Reads a journal. A torn last line is left out, as the server would cut it off.
    ///
    /// - Throws: `JSONError`, or `ChaosFailure` for a line that is no record.
    init(journal: [UInt8]) throws {
        for line in journal.split(separator: UInt8(ascii: "\n")) where line.last == UInt8(ascii: "}") {
            let record = try JSONDocument(parsing: Array(line)).root
            guard let type = record["type"]?.string, let time = record["time"]?.int64 else {
                throw ChaosFailure("the journal has a line that is no record")
            }
            try take(type, time, record)
        }
    }

    private mutating func take(_ type: String, _ time: Int64, _ record: JSONValue) throws {
        switch type {
        case "ADDED", "MODIFIED", "DELETED":
            guard let key = record["key"]?.string, let object = record["object"] else {
                throw ChaosFailure("a change in the journal has no object")
            }
            if let place = standing.removeValue(forKey: key) { states[place].supersededAt = time }
            if type == "DELETED" { return }
            standing[key] = states.count
            states.append(State(identity: try StateIdentity(object), key: key, time: time))
        case "COMPACT":
            expirations.append(time)
        case "BACKUP":
            backup = (standing, states.count)
        case "RESTORE":
            expirations.append(time)
            restore()
        default: break
        }
    }

    private mutating func restore() {
        guard let backup else { return }
        for place in backup.count..<states.count { states[place].isRolledBack = true }
        standing = backup.standing
        // What was superseded after the backup stands again.
        for place in standing.values { states[place].supersededAt = nil }
    }
}

/// What makes a state itself, and that it is unharmed: the archive's own identity and a hash of what matters in it.
struct StateIdentity: Sendable, Hashable {
    let uid: UUIDHalves
    let version: Int64
    let content: UUIDHalves

    init(uid: UUIDHalves, version: Int64, content: UUIDHalves) {
        (self.uid, self.version, self.content) = (uid, version, content)
    }

    init(_ object: JSONValue) throws {
        guard let metadata = object["metadata"], let uid = metadata["uid"]?.string.flatMap({ UUIDHalves($0) }),
            let version = metadata["resourceVersion"]?.string.flatMap({ Int64($0) })
        else { throw ChaosFailure("an event of the journal has no uid or resourceVersion") }
        self.init(uid: uid, version: version, content: Self.content(of: object))
    }

    /// The MD5 of message and count, which PostgreSQL can make too. A message that its text cannot hold is kept whole
    /// in the column `raw`, and counts as it stands in JSON.
    static func content(of object: JSONValue) -> UUIDHalves {
        let message = object["message"]
        var text =
            if let message, message.isStorableString { Array((message.string ?? "").utf8) } else {
                message.map { Array($0.jsonBytes) } ?? []
            }
        let count = object["series"]?["count"]?.int64 ?? object["count"]?.int64 ?? 1
        text += [0x1f] + Array("\(count)".utf8)
        return UUIDHalves(Insecure.MD5.hash(data: text))
    }
}

/// Sixteen bytes: a UUID, or a hash that PostgreSQL hands out as one.
struct UUIDHalves: Sendable, Hashable {
    let high: UInt64
    let low: UInt64

    init(_ halves: (UInt64, UInt64)) { (high, low) = halves }

    init(_ hash: Insecure.MD5Digest) {
        (high, low) = hash.withUnsafeBytes { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    init?(_ text: String) {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        guard digits.count == 32 else { return nil }
        let halves = [digits.prefix(16), digits.suffix(16)].map {
            UInt64(String(decoding: $0, as: UTF8.self), radix: 16)
        }
        guard let high = halves[0], let low = halves[1] else { return nil }
        (self.high, self.low) = (high, low)
    }

    var text: String {
        func padded(_ half: UInt64) -> String {
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        let all = padded(high) + padded(low)
        return [(0, 8), (8, 4), (12, 4), (16, 4), (20, 12)].map { start, length in
            String(all.dropFirst(start).prefix(length))
        }.joined(separator: "-")
    }
}
