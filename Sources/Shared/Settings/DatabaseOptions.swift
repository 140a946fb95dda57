public import ArgumentParser

/// `--database-url` and `--database-url-file`, of which one must be given.
public struct DatabaseOptions: ParsableArguments {
    @Option(
        name: .customLong("database-url"),
        help: ArgumentHelp("The archive: any libpq connection string.", valueName: "url")
    )
    var databaseURL: Secret?

    @Option(
        name: .customLong("database-url-file"),
        help: ArgumentHelp("A file that holds the connection string, since a flag shows in ps.", valueName: "file")
    )
    var databaseURLFile: String?

    /// Nothing given yet.
    public init() {}

    /// Exactly one must be given.
    public func validate() throws {
        switch (databaseURL, databaseURLFile) {
        case (nil, nil):
            throw ValidationError(
                "Missing expected argument '--database-url <url>' (or '--database-url-file <file>')"
            )
        case (_?, _?):
            throw ValidationError("'--database-url' and '--database-url-file' are both given: give one")
        case (_?, nil), (nil, _?):
            return
        }
    }

    /// The connection string, from wherever it was given. A secret: neither log nor print it.
    /// - Throws: ``SettingFileError`` when its file cannot be read or is empty.
    public func url() throws -> String {
        guard let file = databaseURLFile else { return databaseURL?.value ?? "" }
        let text = try SmallFile.text(at: file, bound: 64 * 1024)
        let trimmed = text.drop(while: \.isWhitespace).trimmingTrailing(while: \.isWhitespace)
        guard !trimmed.isEmpty else { throw SettingFileError("'\(file)' is empty: --database-url-file holds the URL") }
        return trimmed
    }
}

extension Substring {
    fileprivate func trimmingTrailing(while predicate: (Character) -> Bool) -> String {
        var rest = self
        while let last = rest.last, predicate(last) { rest.removeLast() }
        return String(rest)
    }
}
