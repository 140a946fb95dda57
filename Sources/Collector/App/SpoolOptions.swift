import Archiving
import ArgumentParser
import Logging
import Settings
import Spool

/// Where batches go while the database is away, and how long it may be away.
struct SpoolOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A folder that keeps events while the database is away; without one the watch is held back instead.",
            valueName: "folder"
        )
    )
    var spoolDir: String?

    @Option(
        help: ArgumentHelp("The most that the spool may take on disk: 1MiB to 1TiB.", valueName: "size"),
        transform: { try ByteSize(parsing: $0) }
    )
    var spoolMaxBytes = ByteSize(bytes: 1 << 30)

    @Option(
        help: ArgumentHelp("How long a batch waits for the database before it is spooled.", valueName: "duration"),
        transform: DurationText.duration(parsing:)
    )
    var databasePatience = Duration.seconds(5)

    @Option(
        help: ArgumentHelp(
            "How long events may lie in the spool before the collector says that it is not ready.",
            valueName: "duration"
        ),
        transform: DurationText.duration(parsing:)
    )
    var spoolPatience = Duration.seconds(600)

    func validate() throws {
        guard (1 << 20...1 << 40).contains(spoolMaxBytes.bytes) else {
            throw ValidationError("--spool-max-bytes is \(spoolMaxBytes): give a size from 1MiB to 1TiB")
        }
        guard databasePatience > .zero else { throw ValidationError("--database-patience must be longer than 0s") }
    }

    /// Opens the spool, if there is to be one.
    func open(cluster: String, logger: Logger) async throws -> Spool? {
        guard let spoolDir else { return nil }
        return try await Spool.open(
            directory: spoolDir,
            maxBytes: spoolMaxBytes.bytes,
            cluster: cluster,
            logger: logger
        )
    }

    /// The cursors beside the spool.
    func cursorFile(cluster: String) -> CursorFile? {
        spoolDir.map { CursorFile(directory: $0, cluster: cluster) }
    }
}
