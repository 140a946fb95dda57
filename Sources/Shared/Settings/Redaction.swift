/// Takes passwords out of text that is about to be shown.
///
/// This is the second wall: the first is that nothing of ours puts a secret into a message. It is for words of the command
/// line that a parser repeats, such as a connection string given where none is expected.
enum Redaction {
    /// Hides the user part of URLs (`://user:secret@`) and the values of `password=` and the like.
    static func redacted(_ text: String) -> String {
        hidingKeyValues(hidingUserInfo(text))
    }

    private static func hidingUserInfo(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: "://") {
            result += rest[..<range.upperBound]
            rest = rest[range.upperBound...]
            let authority = rest.prefix { !$0.isWhitespace && $0 != "/" && $0 != "'" && $0 != "\"" && $0 != "?" }
            // The last @: a password may hold one, unencoded.
            if let at = authority.lastIndex(of: "@") {
                result += "***"
                rest = rest[at...]
            }
        }
        return result + rest
    }

    private static func hidingKeyValues(_ text: String) -> String {
        var result = text
        for key in ["password", "sslpassword", "passphrase", "token"] {
            var from = result.startIndex
            while let range = result[from...].firstRange(of: key) {
                let after = result[range.upperBound...].drop { $0 == " " }
                guard after.first == "=" else {
                    from = range.upperBound
                    continue
                }
                let value = after.dropFirst().drop { $0 == " " }
                let end: String.Index
                if value.first == "'" {
                    end = value.dropFirst().firstIndex(of: "'").map { result.index(after: $0) } ?? value.endIndex
                } else {
                    end = value.firstIndex { $0.isWhitespace || $0 == "&" || $0 == "'" } ?? value.endIndex
                }
                let keyText = String(result[range])
                let head = String(result[..<range.lowerBound]) + keyText + "=***"
                result = head + result[end...]
                from = result.index(result.startIndex, offsetBy: head.count)
            }
        }
        return result
    }
}
