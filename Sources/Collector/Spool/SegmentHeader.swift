/// The first bytes of a segment: the magic, the version of the format, the cluster's name, a CRC-32C of all that.
struct SegmentHeader: Sendable, Equatable {
    static let magic = Array("KEEspool".utf8)
    static let version: UInt32 = 1

    /// What is read before the length of the name is known.
    static let fixedSize = 16

    /// 4 KiB; a longer name is a damaged one.
    static let longestName = 4096

    let cluster: String

    var size: Int { Self.fixedSize + cluster.utf8.count + 4 }

    func encoded() -> [UInt8] {
        var bytes = Self.magic
        bytes.append(littleEndian: Self.version)
        bytes.append(counted: cluster.utf8)
        bytes.append(littleEndian: CRC32C.checksum(bytes))
        return bytes
    }

    /// What the first bytes of a file turned out to be.
    enum Reading: Sendable, Equatable {
        case header(SegmentHeader)
        /// Made by a program that knows more.
        case unknownVersion(UInt32)
        /// The file ends before the header does.
        case short
        case damaged
    }

    /// - Parameter bytes: as many of the file's first as there are, up to `fixedSize + longestName + 4`.
    static func read(_ bytes: [UInt8]) -> Reading {
        guard bytes.starts(with: magic.prefix(bytes.count)) else { return .damaged }
        var reader = LittleEndianReader(bytes.dropFirst(magic.count))
        guard let version = reader.integer(UInt32.self) else { return .short }
        // Of another version nothing else is known, not even where its checksum stands.
        guard version == Self.version else { return .unknownVersion(version) }
        guard let length = reader.integer(UInt32.self) else { return .short }
        guard length <= longestName else { return .damaged }
        let end = fixedSize + Int(length)
        guard bytes.count >= end + 4 else { return .short }
        var tail = LittleEndianReader(bytes[end...])
        guard tail.integer(UInt32.self) == CRC32C.checksum(bytes[..<end]),
            let cluster = String(validating: bytes[fixedSize..<end], as: UTF8.self)
        else { return .damaged }
        return .header(SegmentHeader(cluster: cluster))
    }
}
