public import ArgumentParser
public import Logging
public import StructuredLogging

/// `--log-level` and `--log-format`, for every command that runs for long.
public struct LoggingOptions: ParsableArguments {
    /// What is below is not logged.
    @Option(
        help: ArgumentHelp("What is less is not logged: trace, debug, info, notice, warning, error, critical."),
        transform: LoggingOptions.level(parsing:)
    )
    public var logLevel: Logger.Level = .info

    /// How lines on standard error look.
    @Option(
        help: ArgumentHelp("How log lines look: json or text."),
        transform: LoggingOptions.format(parsing:)
    )
    public var logFormat: LogFormat = .json

    /// The defaults: info, json.
    public init() {}

    /// Sends all logs to standard error in this way; once in a process.
    public func bootstrap(environment: [String: String] = ProcessEnvironment.current) {
        StructuredLogging.bootstrap(level: logLevel, format: logFormat, environment: environment)
    }

    /// Reads a level by its name, letter case ignored; `warn` and `fatal`, as others call them, too.
    /// - Throws: ``SettingValueError`` that lists the names.
    public static func level(parsing text: String) throws(SettingValueError) -> Logger.Level {
        switch text.lowercased() {
        case "warn": return .warning
        case "fatal", "panic": return .critical
        case let name:
            if let level = Logger.Level(rawValue: name) { return level }
            let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingValueError("'\(text)' is no log level: give one of \(names)")
        }
    }

    /// Reads a format by its name; `pretty`, as kubernetes-event-exporter calls it, is text.
    /// - Throws: ``SettingValueError`` that lists the names.
    public static func format(parsing text: String) throws(SettingValueError) -> LogFormat {
        switch text.lowercased() {
        case "json": return .json
        case "text", "pretty": return .text
        default: throw SettingValueError("'\(text)' is no log format: give json or text")
        }
    }
}
