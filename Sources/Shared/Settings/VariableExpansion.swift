/// `$VAR` and `${VAR}` in text, unknown ones as nothing: what Go's `os.ExpandEnv` does to the exporter's file.
enum VariableExpansion {
    static func expanded(_ text: String, environment: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            if rest.first == "{", let end = rest.firstIndex(of: "}") {
                result += environment[String(rest.dropFirst()[..<end])] ?? ""
                rest = rest[end...].dropFirst()
            } else {
                let name = rest.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
                result += name.isEmpty ? "$" : environment[String(name)] ?? ""
                rest = rest.dropFirst(name.count)
            }
        }
        return result + rest
    }
}
