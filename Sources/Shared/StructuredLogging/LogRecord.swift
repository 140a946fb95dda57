internal import Logging

/// All that a line tells.
struct LogRecord {
    let time: LogTime
    let level: Logger.Level
    let logger: String
    let message: String
    /// In order of keys.
    let metadata: [(key: String, value: Logger.MetadataValue)]
}
