#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Where a program listens: `host:port`, `[::1]:80` for IPv6, `:8080` for all interfaces (as `0.0.0.0:8080`).
/// Port 0 lets the system choose a free one.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address, IPv6 without its brackets.
    public let host: String
    /// 0 to 65535.
    public let port: Int

    /// An address of parts that are known to be good.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`.
    /// - Throws: ``SettingValueError`` that says what is wrong and how it is written.
    public init(parsing text: String) throws(SettingValueError) {
        func wrong(_ reason: String) -> SettingValueError {
            SettingValueError("'\(text)' is no address to listen on: \(reason)")
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw wrong("give host:port, such as 127.0.0.1:8080, or :8080 for all interfaces")
        }
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw wrong("the port must be a number from 0 to 65535")
        }
        self.port = Int(port)
        let part = text[..<colon]
        if part.isEmpty {
            host = "0.0.0.0"
        } else if part.first == "[", part.last == "]" {
            let inner = String(part.dropFirst().dropLast())
            guard Self.ipv6(inner) != nil else { throw wrong("'\(inner)' is no IPv6 address") }
            host = inner
        } else if part.contains(":") {
            throw wrong("write an IPv6 address in brackets, such as [::1]:\(port)")
        } else if part.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) {
            guard Self.ipv4(String(part)) != nil else { throw wrong("'\(part)' is no IPv4 address") }
            host = String(part)
        } else {
            guard Self.isHostName(part) else { throw wrong("'\(part)' is no host name") }
            host = String(part)
        }
    }

    /// `host:port`, as it is read.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// True when only this machine can reach it: `127.0.0.0/8`, `::1`, `localhost`.
    public var isLoopback: Bool {
        if host.lowercased() == "localhost" { return true }
        if let bytes = Self.ipv4(host) { return bytes[0] == 127 }
        guard let bytes = Self.ipv6(host) else { return false }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? bytes[12] == 127 : bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// True for `0.0.0.0` and `::`, which mean every interface.
    public var isAnyInterface: Bool {
        (Self.ipv4(host) ?? Self.ipv6(host))?.allSatisfy { $0 == 0 } ?? false
    }

    /// Where a client on this machine reaches a listener here: the loopback address in place of every interface.
    public var reachableLocally: ListenAddress {
        guard isAnyInterface else { return self }
        return ListenAddress(host: host.contains(":") ? "::1" : "127.0.0.1", port: port)
    }

    private static func ipv4(_ text: String) -> [UInt8]? { bytes(text, family: AF_INET, count: 4) }
    private static func ipv6(_ text: String) -> [UInt8]? { bytes(text, family: AF_INET6, count: 16) }

    private static func bytes(_ text: String, family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    /// Letters, digits, hyphens, underscores and dots; at most 253 bytes. Source: RFC 1123 2.1.
    private static func isHostName(_ text: Substring) -> Bool {
        text.utf8.count <= 253
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
                default: false
                }
            }
    }
}
