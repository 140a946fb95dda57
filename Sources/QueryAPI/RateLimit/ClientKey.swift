/// What tells one client from another: its User-Agent, address or name.
///
/// A key of up to 256 bytes stands as it is. Of a longer one the first 64 bytes are kept with a 128-bit hash of it all,
/// seeded anew in each process, so that a client can neither fill memory with its name nor aim for another's bucket.
struct ClientKey: Hashable, Sendable {
    static let longestVerbatim = 256
    static let prefixOfLong = 64

    let text: String
    private let digest: Digest?

    private struct Digest: Hashable {
        let high: Int
        let low: Int
    }

    init(_ name: String) {
        guard name.utf8.count > Self.longestVerbatim else {
            text = name
            digest = nil
            return
        }
        text = String(decoding: name.utf8.prefix(Self.prefixOfLong), as: UTF8.self)
        digest = Digest(high: Self.hash(name, salt: 1), low: Self.hash(name, salt: 2))
    }

    private static func hash(_ text: String, salt: UInt8) -> Int {
        var hasher = Hasher()
        hasher.combine(salt)
        hasher.combine(text)
        return hasher.finalize()
    }
}
