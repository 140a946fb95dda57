/// Adds to a command line what the environment and the file of `--config` say and it does not: the flag wins over the
/// environment, and that over the file. A higher layer replaces a lower one's list, it never adds to it.
struct SettingLayers: Sendable {
    let tree: CommandTree
    let defaultSubcommand: String?
    let environment: [String: String]
    /// Keys under `kee:` that are read by another program, or elsewhere in this one.
    let knownElsewhere: Set<String>
    let readFile: @Sendable (String) throws -> String

    /// Settings for which an empty environment variable says something. Elsewhere it counts as not set: that is how
    /// templates leave things out.
    private static let meaningfulWhenEmpty: Set<String> = ["metrics-prefix"]

    struct Layered: Sendable, Equatable {
        /// For the parser.
        var arguments: [String]
        /// Where the added values came from, by setting.
        var origins: [String: SettingOrigin] = [:]
        var warnings: [String] = []
    }

    /// - Throws: ``SettingError`` for what is wrong in the environment or the file, ``SettingFileError`` when the file
    ///   cannot be read.
    func applied(to words: [String]) throws -> Layered {
        let scan = CommandLineScan(words, tree: tree, defaultSubcommand: defaultSubcommand)
        var layered = Layered(arguments: scan.path + scan.rest)
        guard !scan.asksAboutItself else { return layered }
        layered.warnings = nearMisses()
        let settings = scan.command.settings
        var given = Set(settings.filter { scan.given.contains($0.name) }.flatMap(\.alternatives))
        var added: [String] = []
        func add(_ layer: [LayerValue]) throws(SettingError) {
            let open = layer.filter { !given.contains($0.setting.name) }
            for value in open {
                if let twin = open.first(where: { value.setting.name + "-file" == $0.setting.name }) {
                    throw SettingError("\(value.origin) and \(twin.origin) are both given: give one")
                }
                added += try value.words()
                layered.origins[value.setting.name] = value.origin
            }
            given.formUnion(open.flatMap(\.setting.alternatives))
        }
        let fromEnvironment = settings.compactMap(environmentValue)
        try add(fromEnvironment)
        if let path = configPath(scan, settings) {
            let file = try ConfigurationFile(path: path, text: readFile(path))
            try add(fileValues(file, settings: settings))
            try add(clusterValue(file, settings: settings))
        }
        layered.arguments = scan.path + added + scan.rest
        return layered
    }

    private func configPath(_ scan: CommandLineScan, _ settings: [SettingDefinition]) -> String? {
        guard let setting = settings.first(where: { $0.name == "config" }) else { return nil }
        if let path = scan.config { return path }
        guard case .text(let path)? = environmentValue(setting)?.value else { return nil }
        return path
    }

    private func environmentValue(_ setting: SettingDefinition) -> LayerValue? {
        guard let text = environment[setting.variable],
            !text.isEmpty || Self.meaningfulWhenEmpty.contains(setting.name)
        else { return nil }
        let origin = SettingOrigin.environment(variable: setting.variable)
        guard setting.isRepeating else { return LayerValue(setting: setting, origin: origin, value: .text(text)) }
        let items = text.split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
        return LayerValue(setting: setting, origin: origin, value: .list(items))
    }

    private func fileValues(_ file: ConfigurationFile, settings: [SettingDefinition]) throws(SettingError)
        -> [LayerValue]
    {
        let known = tree.allSettings
        let names = known.map(\.name) + knownElsewhere
        var lines: [String: ConfigurationFile.Entry] = [:]
        var values: [LayerValue] = []
        for entry in file.entries {
            let place = "\(file.path):\(entry.line)"
            guard let name = names.first(where: { FileKey.spellings(of: $0).contains(entry.key) }) else {
                let guess = EditDistance.nearest(to: entry.key, among: names.flatMap { FileKey.spellings(of: $0) })
                let hint = guess.map { ": did you mean '\($0)'?" } ?? "; keys are the names of this program's options"
                throw SettingError("\(place): unknown key '\(entry.key)' under 'kee:'\(hint)")
            }
            guard name != "config" else {
                throw SettingError("\(place): '\(entry.key)' cannot stand in the file that it names")
            }
            if let first = lines.updateValue(entry, forKey: name) {
                throw SettingError("\(place): '\(entry.key)' is given already at line \(first.line) as '\(first.key)'")
            }
            guard let setting = settings.first(where: { $0.name == name }) else { continue }
            let origin = SettingOrigin.file(path: file.path, line: entry.line, key: entry.key)
            if let value = try LayerValue(setting: setting, origin: origin, file: entry.value) { values.append(value) }
        }
        return values
    }

    /// The exporter's `clusterName`, in which it expands `$VAR` and `${VAR}`.
    private func clusterValue(_ file: ConfigurationFile, settings: [SettingDefinition]) -> [LayerValue] {
        guard let setting = settings.first(where: { $0.name == "cluster" }), let entry = file.clusterName,
            case .scalar(let text) = entry.value
        else { return [] }
        let expanded = VariableExpansion.expanded(text, environment: environment)
        guard !expanded.isEmpty else { return [] }
        let origin = SettingOrigin.file(path: file.path, line: entry.line, key: entry.key)
        return [LayerValue(setting: setting, origin: origin, value: .text(expanded))]
    }

    /// Unknown variables are no error, since Kubernetes sets `KEE_PORT` and the like for a service named kee; but a near
    /// miss is worth a word.
    private func nearMisses() -> [String] {
        let known = Set(tree.allSettings.map(\.variable)).union(knownElsewhere.map(SettingDefinition.variable))
        return environment.keys.sorted().compactMap { variable in
            guard variable.hasPrefix("KEE_"), !known.contains(variable), !Self.isServiceLink(variable),
                let meant = EditDistance.nearest(to: variable, among: known)
            else { return nil }
            return "\(variable) in the environment is not known: did you mean \(meant)?"
        }
    }

    private static func isServiceLink(_ variable: String) -> Bool {
        variable.hasSuffix("_SERVICE_HOST") || variable.contains("_SERVICE_PORT") || variable.hasSuffix("_PORT")
            || variable.contains("_PORT_")
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        var rest = drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
