public import Logging

/// Sends all that the process logs to standard error.
public enum StructuredLogging {
    /// Once at start.
    /// - Parameters:
    ///   - level: what is below is not written.
    ///   - format: how lines look.
    ///   - environment: `NO_COLOR`, when set and not empty, turns colours off (https://no-color.org); they are off anyway
    ///     where standard error is no terminal.
    public static func bootstrap(level: Logger.Level, format: LogFormat, environment: [String: String]) {
        let sink = LineSink.standardError
        let isColoured = sink.isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
        LoggingSystem.bootstrap(
            { label, provider in
                var handler = LineLogHandler(
                    label: label,
                    level: level,
                    format: format,
                    isColoured: isColoured,
                    sink: sink
                )
                handler.metadataProvider = provider
                return handler
            },
            metadataProvider: nil
        )
    }
}
