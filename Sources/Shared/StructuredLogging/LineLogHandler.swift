public import Logging

/// A backend of swift-log that writes one line an entry.
public struct LineLogHandler: LogHandler {
    /// What is below is not written.
    public var logLevel: Logger.Level
    /// Goes with every entry; an entry's own wins.
    public var metadata: Logger.Metadata = [:]
    /// Adds metadata of the task; the logger's own wins.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let isColoured: Bool
    private let sink: LineSink

    /// A handler for the logger of this label. `isColoured` counts for text only.
    public init(label: String, level: Logger.Level, format: LogFormat, isColoured: Bool = false, sink: LineSink) {
        self.label = label
        self.format = format
        self.isColoured = isColoured
        self.sink = sink
        logLevel = level
    }

    /// One piece of the logger's metadata.
    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes an entry.
    public func log(event: LogEvent) {
        var all = metadataProvider?.get() ?? [:]
        all.merge(metadata) { $1 }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        let record = LogRecord(
            time: .now,
            level: event.level,
            logger: label,
            message: "\(event.message)",
            metadata: all.sorted { $0.key < $1.key }
        )
        switch format {
        case .json: sink.write(JSONLogLine.line(record))
        case .text: sink.write(TextLogLine.line(record, isColoured: isColoured))
        }
    }
}
