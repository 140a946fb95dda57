internal import ArgumentParser
internal import FoundationEssentials

/// What commands there are and what each takes, as ArgumentParser itself tells it (the form of
/// `--experimental-dump-help`, serialization version 0), so that there is no second list to keep in step.
struct CommandTree: Decodable, Sendable {
    let commandName: String
    let aliases: [String]?
    let subcommands: [CommandTree]?
    let arguments: [Argument]?

    struct Argument: Decodable, Sendable {
        enum Kind: String, Decodable { case positional, option, flag }

        let kind: Kind
        let isRepeating: Bool
        let names: [Name]?
    }

    struct Name: Decodable, Sendable {
        enum Kind: String, Decodable { case long, short, longWithSingleDash }

        let kind: Kind
        let name: String
    }

    private struct Dump: Decodable {
        let command: CommandTree
    }

    static func of(_ root: any ParsableCommand.Type) throws -> CommandTree {
        try JSONDecoder().decode(Dump.self, from: Data(root._dumpHelp().utf8)).command
    }

    /// The options and flags that can come from elsewhere: those with a long name, but for help and version.
    var settings: [SettingDefinition] {
        (arguments ?? []).compactMap(SettingDefinition.init).filter { !["help", "version"].contains($0.name) }
    }

    /// The settings of this command and all below it, each name once.
    var allSettings: [SettingDefinition] {
        var seen: Set<String> = []
        return (settings + (subcommands ?? []).flatMap(\.allSettings)).filter { seen.insert($0.name).inserted }
    }

    /// True for a first word that should be a command and is none.
    func isUnknownCommand(_ word: String) -> Bool {
        !word.hasPrefix("-") && word != "help" && subcommands?.isEmpty == false && subcommand(named: word) == nil
    }

    func subcommand(named name: String) -> CommandTree? {
        subcommands?.first { $0.commandName == name || $0.aliases?.contains(name) == true }
    }
}

/// One option or flag, and the names that it has in the environment and in a file.
struct SettingDefinition: Sendable, Hashable {
    enum Kind: Sendable, Hashable { case flag, option }

    /// As after `--`: `database-url`.
    let name: String
    /// All names of the command line, with their dashes.
    let spellings: [String]
    let kind: Kind
    let isRepeating: Bool

    init?(_ argument: CommandTree.Argument) {
        guard argument.kind != .positional, let names = argument.names,
            let long = names.first(where: { $0.kind == .long })
        else { return nil }
        name = long.name
        spellings = names.map { ($0.kind == .long ? "--" : "-") + $0.name }
        kind = argument.kind == .flag ? .flag : .option
        isRepeating = argument.isRepeating
    }

    /// `KEE_DATABASE_URL`.
    var variable: String { Self.variable(name) }

    static func variable(_ name: String) -> String {
        "KEE_" + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    /// Settings that say the same thing in another way: a secret and the file that holds it.
    var alternatives: [String] {
        name.hasSuffix("-file") ? [name, String(name.dropLast(5))] : [name, name + "-file"]
    }
}
