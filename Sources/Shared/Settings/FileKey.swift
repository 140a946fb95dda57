/// How a setting is written in a file: `database-url` as the flag, or `databaseUrl` (also `databaseURL`) as keys are in
/// Kubernetes.
enum FileKey {
    private static let initialisms: Set<String> = ["ca", "id", "tls", "ttl", "uid", "uri", "url"]

    static func spellings(of name: String) -> Set<String> {
        let words = name.split(separator: "-").map(String.init)
        func camelCase(_ capitalised: (String) -> String) -> String {
            (words.first ?? "") + words.dropFirst().map(capitalised).joined()
        }
        return [
            name, camelCase { $0.prefix(1).uppercased() + $0.dropFirst() },
            camelCase { initialisms.contains($0) ? $0.uppercased() : $0.prefix(1).uppercased() + $0.dropFirst() },
        ]
    }
}
