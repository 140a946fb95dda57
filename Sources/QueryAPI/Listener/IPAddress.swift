public import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An IPv4 or IPv6 address. An IPv4 address that is written as an IPv6 one (`::ffff:10.0.0.1`) is the IPv4 one.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes as one number of 128 bits, and which it is.
    let bits: UInt128
    let isIPv4: Bool

    private init(_ bytes: some Collection<UInt8>) {
        let all = bytes.reduce(into: UInt128(0)) { $0 = $0 << 8 | UInt128($1) }
        let isMapped = bytes.count == 16 && all >> 32 == 0xFFFF
        bits = isMapped ? all & 0xFFFF_FFFF : all
        isIPv4 = bytes.count == 4 || isMapped
    }

    /// Reads an address without brackets, port or zone; nil if it is none.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard text.utf8.count <= 45 else { return nil }
        let isIPv6 = text.utf8.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
        guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, text, &bytes) == 1 else { return nil }
        self.init(bytes)
    }

    private init(bits: UInt128, isIPv4: Bool) {
        (self.bits, self.isIPv4) = (bits, isIPv4)
    }

    /// What one client can choose its address from: of an IPv6 address, the first 64 bits (RFC 6177: a site has at least
    /// that); an IPv4 address stands for itself.
    public var network: IPAddress {
        isIPv4 ? self : IPAddress(bits: (bits >> 64) << 64, isIPv4: false)
    }

    init?(_ address: SocketAddress) {
        // Where sockaddr_in has sin_addr and sockaddr_in6 has sin6_addr.
        let place: Range<Int>
        switch address {
        case .v4: place = 4..<8
        case .v6: place = 8..<24
        case .unixDomainSocket: return nil
        }
        self.init(
            address.withSockAddr { pointer, size in
                Array(UnsafeRawBufferPointer(start: pointer, count: size)[place])
            }
        )
    }

    /// The client's end of a connection; nil for one without addresses.
    public init?(of channel: any Channel) {
        // The channel of an HTTP/2 stream has its connection's address.
        guard let address = channel.remoteAddress ?? channel.parent?.remoteAddress else { return nil }
        self.init(address)
    }

    /// As it is read.
    public var description: String {
        if isIPv4 {
            return (0..<4).reversed().map { String(UInt8(truncatingIfNeeded: bits >> ($0 * 8))) }.joined(separator: ".")
        }
        let groups = (0..<8).reversed().map { String(UInt16(truncatingIfNeeded: bits >> ($0 * 16)), radix: 16) }
        return groups.joined(separator: ":")
    }
}

/// Addresses with a common beginning, as `10.0.0.0/8` or `fd00::/8`; a single address is a range of one.
public struct AddressRange: Hashable, Sendable {
    private let first: IPAddress
    private let length: Int

    /// Reads an address with or without the length of its prefix.
    /// - Throws: ``AddressRangeError``.
    public init(parsing text: String) throws(AddressRangeError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { throw AddressRangeError(text: text) }
        let longest = address.isIPv4 ? 32 : 128
        let digits = parts.count == 2 ? parts[1] : Substring(String(longest))
        guard let length = UInt8(digits), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), length <= longest
        else { throw AddressRangeError(text: text) }
        first = address
        self.length = Int(length)
    }

    /// True for an address of the same family that begins alike.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.isIPv4 == first.isIPv4 else { return false }
        let rest = (first.isIPv4 ? 32 : 128) - length
        return rest == 128 || address.bits >> rest == first.bits >> rest
    }
}

/// A range that cannot be read.
public struct AddressRangeError: Error, Equatable, CustomStringConvertible {
    let text: String

    /// The value, and what to give instead.
    public var description: String {
        "'\(text)' is no range of addresses: give one as 10.0.0.0/8 or fd00::/8, or a single address"
    }
}
