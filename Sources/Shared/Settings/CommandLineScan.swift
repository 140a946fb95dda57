/// The words of a command line, as far as they matter to the layers below it: which command, which settings are given.
struct CommandLineScan: Sendable {
    /// Names of flags of kubernetes-event-exporter, so that its Deployments start unchanged.
    static let exporterFlags = ["conf": "config", "config": "config", "metrics-address": "management-listen"]

    /// The subcommands that are named, from the root down.
    private(set) var path: [String] = []
    /// The words after them, Go's single dashes made double.
    private(set) var rest: [String] = []
    /// The command that will run.
    private(set) var command: CommandTree
    /// Names of the settings that are on the command line.
    private(set) var given: Set<String> = []
    /// What `--config` says.
    private(set) var config: String?
    /// True when it asks for help, the version or completions: nothing else counts then.
    private(set) var asksAboutItself = false

    init(_ words: [String], tree: CommandTree, defaultSubcommand: String?) {
        var words = words[...]
        command = tree
        while let word = words.first, let named = command.subcommand(named: word) {
            command = named
            path.append(word)
            words = words.dropFirst()
        }
        if path.isEmpty, let defaultSubcommand, let chosen = tree.subcommand(named: defaultSubcommand) {
            command = chosen
        }
        asksAboutItself = path.first == "help"
        scan(words)
    }

    private mutating func scan(_ words: ArraySlice<String>) {
        let settings = command.settings
        let names = Set(settings.map(\.name))
        var words = words
        while let word = words.popFirst() {
            guard word != "--" else {
                rest.append(word)
                rest += words
                return
            }
            guard word.hasPrefix("-"), word != "-" else {
                rest.append(word)
                continue
            }
            let spelled = Self.withTwoDashes(word, names: names)
            rest.append(spelled)
            let parts = spelled.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let spelling = String(parts[0])
            if ["--help", "-h", "--version", "--help-hidden", "--experimental-dump-help"].contains(spelling)
                || spelling.hasPrefix("--generate-completion-script")
            {
                asksAboutItself = true
            }
            guard let setting = settings.first(where: { $0.spellings.contains(spelling) }) else { continue }
            given.insert(setting.name)
            guard setting.kind == .option else { continue }
            var value = parts.count > 1 ? String(parts[1]) : nil
            // ArgumentParser misses an empty value in `--name=`.
            if value == "" { rest.replaceSubrange((rest.count - 1)..., with: [spelling, ""]) }
            if value == nil, let next = words.popFirst() {
                rest.append(next)
                value = next
            }
            if setting.name == "config" { config = value }
        }
    }

    /// `-conf F` is `--config F`, and `-listen=X` is `--listen=X`, as Go's flag package takes them.
    private static func withTwoDashes(_ word: String, names: Set<String>) -> String {
        let bare = word.drop { $0 == "-" }
        let dashes = word.utf8.count - bare.utf8.count
        let name = String(bare.prefix { $0 != "=" })
        guard dashes <= 2, name.utf8.count > 1 else { return word }
        let value = bare.dropFirst(name.count)
        if names.contains(name) { return "--\(name)\(value)" }
        if let ours = exporterFlags[name], names.contains(ours) { return "--\(ours)\(value)" }
        return word
    }
}
