internal import Crypto

/// The tokens of a file: one a line, `name sha256:<64 hexadecimal digits> grant...`; `#` begins a comment.
struct TokenFile: Sendable {
    struct Entry: Sendable {
        let name: String
        let digest: BearerToken.Digest
        let grants: Grants
    }

    /// Each look-up compares with all of them, so that its time tells nothing; 4096 take some 10 µs.
    static let mostEntries = 4096

    let entries: [Entry]

    /// - Throws: `AccessFileError` with the line of the first that is wrong.
    init(parsing bytes: [UInt8], path: String) throws(AccessFileError) {
        var entries: [Entry] = []
        var names: [String: Int] = [:]
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated() {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard !words.isEmpty else { continue }
            do throws(AccessFileError.Reason) {
                let entry = try Self.entry(words)
                if let first = names.updateValue(index + 1, forKey: entry.name) {
                    throw AccessFileError.Reason("the name '\(entry.name)' is given already at line \(first)")
                }
                guard !entries.contains(where: { $0.digest == entry.digest }) else {
                    throw AccessFileError.Reason(
                        "the token of '\(entry.name)' is another one's, too: make one for each"
                    )
                }
                guard entries.count < Self.mostEntries else {
                    throw AccessFileError.Reason("there are more than \(Self.mostEntries) tokens")
                }
                entries.append(entry)
            } catch {
                throw AccessFileError(path: path, line: index + 1, problem: error.text)
            }
        }
        self.entries = entries
    }

    private static func entry(_ words: [String]) throws(AccessFileError.Reason) -> Entry {
        let form = "give 'name sha256:<64 hexadecimal digits> grant...', as 'kee-query token' prints it"
        guard words.count >= 2 else { throw AccessFileError.Reason("a line is too short: \(form)") }
        // What stands in the second place may be a token in the clear: it is not repeated.
        guard words[1].hasPrefix("sha256:"), let bytes = hexadecimal(words[1].dropFirst(7)), bytes.count == 32 else {
            throw AccessFileError.Reason("what stands behind the name is no sha256: \(form)")
        }
        guard words.count >= 3 else {
            throw AccessFileError.Reason(
                "'\(words[0])' is granted nothing: \(form); grants are *, cluster, cluster/namespace"
            )
        }
        return Entry(
            name: words[0],
            digest: BearerToken.Digest(bytes: bytes),
            grants: try Grants(parsing: words.dropFirst(2))
        )
    }

    private static func hexadecimal(_ text: Substring) -> [UInt8]? {
        let digits = Array(text)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index].hexDigitValue, let low = digits[index + 1].hexDigitValue,
                digits[index].isASCII, digits[index + 1].isASCII
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    /// The one whose token it is. Looks at all of them.
    subscript(digest: BearerToken.Digest) -> Entry? {
        var found: Entry?
        for entry in entries where entry.digest == digest { found = entry }
        return found
    }
}

/// A new token, and the line that makes a service know it.
public struct NewToken: Sendable {
    /// `kee_` and 256 random bits in base64url: so many that a plain hash in the file gives nothing away.
    public let token: String
    /// For the file.
    public let line: String

    /// - Parameter grants: `*`, `cluster`, `cluster/namespace`.
    /// - Throws: `AccessFileError` for a name or a grant that the file would not take.
    public init(name: String, grants: [String]) throws(AccessFileError) {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        token = "kee_" + Base64URL.encode(bytes)
        let hash = SHA256.hash(data: Array(token.utf8)).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
        line = ([name, "sha256:\(hash)"] + grants).joined(separator: " ")
        let file = try TokenFile(parsing: Array(line.utf8), path: "the new line")
        guard file.entries.map(\.name) == [name] else {
            throw AccessFileError(path: "the new line", line: nil, problem: "a name has no spaces and no '#'")
        }
    }
}
