import Foundation

/// The programs of PostgreSQL on this machine, and the user that may run them.
struct PostgresInstallation: Sendable {
    let binaries: String
    /// The server refuses root; its own user comes with the package.
    let runsAsPostgres = geteuid() == 0

    /// The newest version under /usr/lib/postgresql, or what the PATH has.
    static func find() throws -> PostgresInstallation {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let packaged = versions.compactMap { Int($0) }.sorted(by: >).map { "/usr/lib/postgresql/\($0)/bin" }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in packaged + path where FileManager.default.isExecutableFile(atPath: folder + "/initdb") {
            return PostgresInstallation(binaries: folder)
        }
        throw PostgresServerFailure(
            "PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin or PATH. Run: make deps"
        )
    }

    /// Makes a file or folder the server's own.
    func giveToServerUser(_ path: String, mode: mode_t? = nil) throws {
        if let mode { chmod(path, mode) }
        guard runsAsPostgres else { return }
        guard let user = getpwnam("postgres") else {
            throw PostgresServerFailure("there is no user postgres, as whom root must run the server. Run: make deps")
        }
        guard chown(path, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw PostgresServerFailure(
                "\(path) cannot be given to the user postgres: \(String(cString: strerror(errno)))"
            )
        }
    }

    /// Runs a program of PostgreSQL and waits for its end. Blocks.
    ///
    /// Not with Foundation's `Process`: that waits until a socket closes which the server inherits from `pg_ctl`.
    func run(_ program: String, _ arguments: [String]) throws {
        var command = [binaries + "/" + program] + arguments
        if runsAsPostgres { command = ["/usr/sbin/runuser", "-u", "postgres", "--"] + command }
        let folder = try TemporaryDirectory()
        let output = folder.file("output")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        actions.closeAllBeyondStandardStreams()
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid = pid_t()
        let spawned = posix_spawn(&pid, command[0], &actions, nil, &words, environ)
        guard spawned == 0 else {
            throw PostgresServerFailure("\(command[0]) cannot be run: \(String(cString: strerror(spawned)))")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1 && errno == EINTR {}
        guard status == 0 else {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            throw PostgresServerFailure("\(program) ended with status \(status): \(text.suffix(2000))")
        }
    }
}

/// A shell that waits for the end of this process, by the end of a pipe that only this process holds; then it stops
/// the server and removes its folder. So neither a crash nor Ctrl-C leaves a server behind.
final class PostgresWatchdog: Sendable {
    private let pipeEnd: Int32

    init(of folder: String) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw PostgresServerFailure("no pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipeEnd = ends[1]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", Self.script, "watchdog", folder]
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { close(pipeEnd) }

    private static let script = """
        trap '' INT TERM HUP
        read ignored
        pid=$(head -n 1 "$1/data/postmaster.pid") && kill -QUIT "$pid"
        for i in 1 2 3 4 5 6 7 8 9 10; do [ -e "$1/data/postmaster.pid" ] && sleep 0.2; done
        rm -rf "$1"
        """
}
