public import ArgumentParser

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Starts a program of ours: settings from flags, environment and file, then the command, then the exit status.
///
/// Every option `--foo-bar` of a command can also be given as `KEE_FOO_BAR`, or under `kee:` in the YAML file of
/// `--config` (when the command has that option) as `foo-bar` or `fooBar`. The flag wins over the environment, and that
/// over the file. Repeatable options are lists in the file, and separated by commas in the environment; flags are true or
/// false. An unknown key under `kee:` is an error. The file's own `clusterName` stands in for `cluster`.
public enum KEEProgram {
    /// Runs the command that the process was started with, and exits: 0 on success, 64 on wrong usage, 1 on failure with
    /// one line on standard error.
    /// - Parameters:
    ///   - root: its subcommands have explicit names; it has no options of its own.
    ///   - knownElsewhere: names under `kee:` that are no options here, but of another program that reads the same file.
    public static func main(_ root: any AsyncParsableCommand.Type, knownElsewhere: Set<String> = []) async -> Never {
        // A reader that goes away is an error of write(2), not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let code = await run(
            root,
            words: Array(CommandLine.arguments.dropFirst()),
            environment: ProcessEnvironment.current,
            knownElsewhere: knownElsewhere,
            output: .process
        )
        exit(code)
    }

    /// As `main`, with everything given, and without exiting.
    static func run(
        _ root: any AsyncParsableCommand.Type,
        words: [String],
        environment: [String: String],
        knownElsewhere: Set<String> = [],
        readFile: @escaping @Sendable (String) throws -> String = readConfiguration,
        output: ProgramOutput
    ) async -> Int32 {
        let name = root._commandName
        let layered: SettingLayers.Layered
        do {
            let tree = try CommandTree.of(root)
            if let word = words.first, tree.isUnknownCommand(word) {
                // ArgumentParser would take it for an argument of the default command, and miss that one's options.
                let commands = (tree.subcommands ?? []).map(\.commandName).joined(separator: ", ")
                throw ProgramExit.usage("there is no command '\(word)': there are \(commands)")
            }
            let layers = SettingLayers(
                tree: tree,
                defaultSubcommand: root.configuration.defaultSubcommand?._commandName,
                environment: environment,
                knownElsewhere: knownElsewhere,
                readFile: readFile
            )
            layered = try layers.applied(to: words)
        } catch {
            output.error("\(name): \(oneLine(error))\n")
            return error is SettingError || error is ProgramExit ? 64 : 1
        }
        for warning in layered.warnings { output.error("\(name): warning: \(warning)\n") }
        var command: any ParsableCommand
        do {
            command = try await root.asyncParseAsRoot(layered.arguments)
        } catch {
            return report(parsing: error, root, layered, output)
        }
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return report(running: error, root, output)
        }
    }

    private static func readConfiguration(_ path: String) throws -> String {
        try SmallFile.text(at: path, bound: ConfigurationFile.sizeBound)
    }

    /// Help and the version go to standard output; all else is wrong usage.
    private static func report(
        parsing error: any Error,
        _ root: any AsyncParsableCommand.Type,
        _ layered: SettingLayers.Layered,
        _ output: ProgramOutput
    ) -> Int32 {
        let code = root.exitCode(for: error).rawValue
        guard code != 0 else {
            output.standard(root.fullMessage(for: error) + "\n")
            return 0
        }
        let message = root.message(for: error)
        let full = root.fullMessage(for: error)
        // "See 'kee-collector replay --help' for more information." The usage itself would be more than one line.
        let help = full.firstRange(of: "See '").map { full[$0.upperBound...].prefix { $0 != "'" } }
        let remedy = help.map { "; see '\($0)'" } ?? ""
        // Other messages speak of an option that was meant, not of one that was given.
        let isAboutValue = message.hasPrefix("The value ") || message.hasPrefix("Missing value ")
        let origin = isAboutValue ? layered.origins.first { message.mentions(option: $0.key) } : nil
        let place = origin.map { "\($0.value): " } ?? ""
        output.error("\(root._commandName): \(oneLine("\(place)\(message)\(hint(message))\(remedy)"))\n")
        return 64
    }

    /// What is missing can be given in other ways too.
    private static func hint(_ message: String) -> String {
        guard message.hasPrefix("Missing expected argument '--") else { return "" }
        let name = message.dropFirst("Missing expected argument '--".count).prefix { $0 != " " && $0 != "'" }
        return "; or set \(SettingDefinition.variable(String(name))), or '\(name)' under 'kee:' in the file of --config"
    }

    private static func report(
        running error: any Error,
        _ root: any AsyncParsableCommand.Type,
        _ output: ProgramOutput
    ) -> Int32 {
        switch error {
        case let exit as ExitCode:
            return exit.rawValue
        case _ where root.exitCode(for: error) == .success:
            // Help, and whatever else ends a command early and well.
            output.standard(root.fullMessage(for: error) + "\n")
            return 0
        case let exit as ProgramExit:
            output.error("\(root._commandName): \(oneLine(exit))\n")
            return exit.code
        case let error as ValidationError:
            output.error("\(root._commandName): \(oneLine(error.message))\n")
            return 64
        default:
            output.error("\(root._commandName): \(oneLine(error))\n")
            return 1
        }
    }

    private static func oneLine(_ what: Any) -> String {
        let parts = "\(what)".split(whereSeparator: \.isNewline).map { line in
            String(line.drop(while: \.isWhitespace))
        }
        let line = parts.filter { !$0.isEmpty }.joined(separator: "; ")
        return Redaction.redacted(String(line.map { $0.isASCII && $0.asciiValue ?? 0 < 0x20 ? " " : $0 }))
    }
}

extension String {
    /// True when an error of ArgumentParser speaks of this option.
    fileprivate func mentions(option name: String) -> Bool {
        contains("'--\(name) ") || contains("'--\(name)'")
    }
}
