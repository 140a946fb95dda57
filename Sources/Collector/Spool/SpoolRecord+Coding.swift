internal import Coverage

/// The payload of a record, all integers little-endian: a byte of flags, then, as the flags say, the namespace and the
/// position, then the number of bodies and the bodies. What has a length has it before it, in 32 bits. The version of
/// this layout is that of the segment.
extension SpoolRecord {
    private static let hasNamespace: UInt8 = 1
    private static let hasPosition: UInt8 = 2

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(bodies.reduce(200) { $0 + $1.count + 4 })
        bytes.append((namespace == nil ? 0 : Self.hasNamespace) | (position == nil ? 0 : Self.hasPosition))
        if let namespace { bytes.append(counted: namespace.utf8) }
        if let position {
            bytes.append(counted: position.resourceVersion.utf8)
            bytes.append(littleEndian: position.stretch.since)
            bytes.append(littleEndian: position.stretch.until)
            bytes.append(counted: position.stretch.cause.rawValue.utf8)
        }
        bytes.append(littleEndian: UInt32(bodies.count))
        for body in bodies { bytes.append(counted: body) }
        return bytes
    }

    /// - Returns: nil if the bytes are no payload of a record to the last byte.
    init?(encoded bytes: ArraySlice<UInt8>) {
        var reader = LittleEndianReader(bytes)
        guard let flags = reader.integer(UInt8.self), flags & ~(Self.hasNamespace | Self.hasPosition) == 0 else {
            return nil
        }
        var namespace: String?
        if flags & Self.hasNamespace != 0 {
            namespace = reader.text()
            guard namespace != nil else { return nil }
        }
        var position: WatchPosition?
        if flags & Self.hasPosition != 0 {
            position = reader.position()
            guard position != nil else { return nil }
        }
        // No room is reserved by this number, for it could be damaged.
        guard let count = reader.integer(UInt32.self) else { return nil }
        var bodies: [[UInt8]] = []
        for _ in 0..<count {
            guard let body = reader.counted() else { return nil }
            bodies.append(Array(body))
        }
        guard reader.rest.isEmpty else { return nil }
        self.init(namespace: namespace, position: position, bodies: bodies)
    }
}

extension LittleEndianReader {
    fileprivate mutating func position() -> WatchPosition? {
        guard let resourceVersion = text(), let since = integer(Int64.self), let until = integer(Int64.self),
            let cause = text().flatMap(CoverageStretch.Cause.init(rawValue:))
        else { return nil }
        let stretch = CoverageStretch(since: since, until: until, cause: cause)
        return WatchPosition(resourceVersion: resourceVersion, stretch: stretch)
    }
}
