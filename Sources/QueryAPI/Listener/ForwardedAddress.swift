public import HTTPTypes

/// Who a request is from, where proxies stand between.
///
/// A proxy adds the address that it was asked from at the right of `X-Forwarded-For` or of `Forwarded` (RFC 7239 section
/// 4). What stands further left came with the request and can be made up. So the list is read from the right, as long as
/// those who wrote are trusted: the first that is not trusted is the client.
public enum ForwardedAddress {
    /// Entries that are looked at, from the right; a chain of proxies is short, a made-up list need not be.
    static let mostEntries = 32

    /// The client's address.
    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - headers: `X-Forwarded-For`, or if there is none, `Forwarded`; not looked at unless the peer is trusted.
    public static func client(of headers: HTTPFields, peer: IPAddress, trusted: [AddressRange]) -> IPAddress {
        func isTrusted(_ address: IPAddress) -> Bool { trusted.contains { $0.contains(address) } }
        guard !trusted.isEmpty, isTrusted(peer) else { return peer }
        var client = peer
        for entry in entries(headers).reversed().prefix(mostEntries) {
            // An entry that is no address (`unknown`, a name) hides what is behind it: the last known one it is.
            guard let address = address(entry) else { return client }
            client = address
            guard isTrusted(address) else { return address }
        }
        return client
    }

    /// The entries in their order, several fields being one list (RFC 9110 section 5.3).
    private static func entries(_ headers: HTTPFields) -> [Substring] {
        let plain = headers[values: .xForwardedFor]
        guard plain.isEmpty else { return plain.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) } }
        return headers[values: .forwarded].flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
            .map { element in
                for pair in element.split(separator: ";") {
                    let pair = pair.trimmingBlanks
                    if pair.prefix(4).lowercased() == "for=" { return pair.dropFirst(4) }
                }
                return ""
            }
    }

    /// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `"[2001:db8::1]:80"`.
    private static func address(_ entry: Substring) -> IPAddress? {
        var text = entry.trimmingBlanks
        if text.count >= 2, text.first == "\"", text.last == "\"" { text = text.dropFirst().dropLast() }
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            return IPAddress(text[text.index(after: text.startIndex)..<end])
        }
        if let address = IPAddress(text) { return address }
        guard let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon else { return nil }
        return IPAddress(text[..<colon])
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        var rest = drop { $0 == " " || $0 == "\t" }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}

extension HTTPField.Name {
    fileprivate static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
    fileprivate static let forwarded = HTTPField.Name("Forwarded")!
}
