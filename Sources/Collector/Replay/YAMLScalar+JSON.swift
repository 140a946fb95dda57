import JSON

/// What a scalar means, by the rules with which Kubernetes reads YAML.
///
/// Source: sigs.k8s.io/yaml, goyaml.v2/resolve.go. They are YAML 1.1's: `yes`, `on` and `y` are true when they stand
/// plain. Base 60 is not known. Timestamps stay as they are written. Three differences, so that nothing is lost: a number
/// that JSON can write keeps its text, of any length; `.inf` and `.nan`, which JSON cannot write, become strings; and the
/// name of a member stays as it is written, whatever it means.
extension YAMLScalar {
    enum Meaning: Equatable {
        case null
        case bool(Bool)
        /// As JSON writes it.
        case number(String)
        case string
        /// The key `<<`.
        case merge
    }

    var meaning: Meaning {
        switch tag {
        case nil: isPlain ? Self.meaning(ofPlain: text) : .string
        case "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:null":
            Self.meaning(ofPlain: text)
        case "tag:yaml.org,2002:merge": .merge
        default: .string
        }
    }

    func write(to output: inout JSONOutput) {
        switch meaning {
        case .null: output.write("null")
        case .bool(let value): output.write(value ? "true" : "false")
        case .number(let digits): output.write(digits.utf8)
        case .string, .merge: output.write(string: text)
        }
    }

    private static func meaning(ofPlain text: String) -> Meaning {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "on", "On", "ON": return .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "n", "N", "off", "Off", "OFF": return .bool(false)
        case "<<": return .merge
        default: break
        }
        guard let first = text.utf8.first, first < 0x3a, text.utf8.count <= longestNumber else { return .string }
        if isJSONNumber(text) { return .number(text) }
        let digits = text.filter { $0 != "_" }
        return (integer(digits) ?? decimal(digits)).map { .number($0) } ?? .string
    }

    /// Nothing longer is looked at as a number.
    private static let longestNumber = 4096

    private static func isJSONNumber(_ text: String) -> Bool {
        guard let document = try? JSONDocument(parsing: Array(text.utf8)) else { return false }
        return document.root.kind == .number
    }

    /// Hexadecimal, octal (`0o17` and `017`) and binary, with a sign; up to 64 bits.
    private static func integer(_ text: String) -> String? {
        var digits = text[...]
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits = digits.dropFirst() }
        guard digits.first == "0", digits.count > 1 else { return nil }
        let prefix = digits.prefix(2).lowercased()
        let radix = ["0x": 16, "0b": 2, "0o": 8][prefix]
        digits = digits.dropFirst(radix == nil ? 1 : 2)
        guard let next = digits.first, next != "+", next != "-", let value = UInt64(digits, radix: radix ?? 8),
            !isNegative || value <= UInt64(Int64.max) + 1
        else { return nil }
        return (isNegative && value != 0 ? "-" : "") + String(value)
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, with zeros and signs as JSON has them.
    private static func decimal(_ text: String) -> String? {
        var rest = text[...]
        var number = rest.first == "-" ? "-" : ""
        if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
        let whole = takeDigits(&rest)
        var fraction: Substring = ""
        if rest.first == "." {
            rest = rest.dropFirst()
            fraction = takeDigits(&rest)
        }
        guard !(whole.isEmpty && fraction.isEmpty) else { return nil }
        let significant = whole.drop { $0 == "0" }
        number += significant.isEmpty ? "0" : String(significant)
        if !fraction.isEmpty { number += "." + fraction }
        if let mark = rest.first, mark == "e" || mark == "E" {
            number.append(mark)
            rest = rest.dropFirst()
            if let sign = rest.first, sign == "-" || sign == "+" {
                number.append(sign)
                rest = rest.dropFirst()
            }
            let exponent = takeDigits(&rest)
            guard !exponent.isEmpty else { return nil }
            number += exponent
        }
        return rest.isEmpty ? number : nil
    }

    private static func takeDigits(_ rest: inout Substring) -> Substring {
        let digits = rest.prefix { ("0"..."9").contains($0) && $0.isASCII }
        rest = rest[digits.endIndex...]
        return digits
    }
}
