/// Whose web pages may read the answers with a script. Source: the Fetch standard, section 3.2 (CORS protocol).
///
/// Cookies are never asked for, so a page can use no more than what its script sends itself.
public struct CORSPolicy: Sendable, Equatable {
    private let origins: Set<String>
    private let isForAll: Bool

    /// - Parameter origins: `https://grafana.example:3000`, or `*` for all.
    /// - Throws: ``CORSOriginError`` when one is neither.
    public init(origins: [String]) throws(CORSOriginError) {
        for origin in origins where origin != "*" && !Self.isOrigin(origin) { throw CORSOriginError(text: origin) }
        isForAll = origins.contains("*")
        self.origins = Set(origins)
    }

    /// What `Access-Control-Allow-Origin` is to say to a page; nil for nothing.
    func allowed(_ origin: String?) -> String? {
        if isForAll { return "*" }
        guard let origin, origins.contains(origin) else { return nil }
        return origin
    }

    /// With a list, the answer differs by who asks, and caches have to know.
    var variesByOrigin: Bool { !isForAll }

    /// As browsers write one: a scheme, a host in lower case and a port if it is not the scheme's own; no path.
    private static func isOrigin(_ text: String) -> Bool {
        let rest: Substring
        if text.hasPrefix("https://") {
            rest = text.dropFirst(8)
        } else if text.hasPrefix("http://") {
            rest = text.dropFirst(7)
        } else {
            return false
        }
        return !rest.isEmpty && rest.utf8.count <= 300
            && rest.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"): true
                case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}

/// An origin that cannot be read.
public struct CORSOriginError: Error, Equatable, CustomStringConvertible {
    let text: String

    /// The value, and what to give instead.
    public var description: String {
        "'\(text)' is no origin of web pages: give one as browsers send it, such as https://grafana.example:3000 "
            + "(lower case, no path), or '*' for all"
    }
}
