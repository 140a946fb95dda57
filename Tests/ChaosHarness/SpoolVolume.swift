import Foundation

/// Where a collector spools what its database does not take, and how it comes to have no room there.
struct SpoolVolume: Sendable {
    /// For `--spool-dir`.
    let folder: String
    private let isMounted: Bool

    /// What a file system of its own holds; a few seconds of events.
    private static let size = 4 << 20
    /// The bound of a spool that shares its file system with everything else: the least that the collector takes.
    private static let bound = 1 << 20

    /// - Throws: `ChaosFailure` if it cannot be mounted.
    init(folder: String, mounts: Bool) throws {
        self.folder = folder
        isMounted = mounts
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard mounts else { return }
        guard mount("tmpfs", folder, "tmpfs", UInt(MS_NOSUID), "size=\(Self.size),mode=700") == 0 else {
            throw ChaosFailure("no tmpfs at \(folder): \(String(cString: strerror(errno)))")
        }
    }

    /// What the collector is told about its size, in bytes.
    var maxBytes: Int { isMounted ? 64 << 20 : Self.bound }

    /// Leaves no room.
    func fill() {
        guard isMounted else { return }
        let file = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        let block = [UInt8](repeating: 0, count: 4096)
        while write(file, block, block.count) > 0 {}
    }

    /// Makes room again.
    func clear() { unlink(ballast) }

    /// Gives the file system back.
    func unmount() {
        if isMounted { umount2(folder, Int32(MNT_DETACH)) }
    }

    private var ballast: String { folder + "/ballast" }
}
