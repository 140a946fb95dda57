import Foundation

/// A process with pipes to it. Not Foundation's `Process`: that waits until all have closed a socket which others that
/// are started meanwhile may have inherited.
struct SpawnedProcess {
    let pid: Int32

    /// Starts a program, and threads that read what it says until it says no more.
    init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        input: ProgramRun.Input,
        state: Observed<ProgramRun.State>
    ) throws {
        let command = Self.guarded([path] + arguments)
        let standardInput = try Self.input(input)
        let output = try Self.makePipe()
        let errors = try Self.makePipe()
        defer { for end in [standardInput.reading, output.writing, errors.writing] { close(end) } }
        pid = try Self.spawn(command, environment, [standardInput.reading, output.writing, errors.writing])
        Self.read(output.reading, state) { $0.standardOutput.append(bounded: $1) }
        Self.read(errors.reading, state) { $0.standardError.append(bounded: $1) }
        if let end = standardInput.writing { Self.write(input, to: end, state) }
    }

    /// Starts a program that reads nothing and appends what it says to a file.
    init(_ path: String, _ arguments: [String], environment: [String: String], log: String) throws {
        let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw ProgramFailure("\(log): \(String(cString: strerror(errno)))") }
        defer { for end in [input, output] { close(end) } }
        pid = try Self.spawn(Self.guarded([path] + arguments), environment, [input, output, output])
    }

    /// Takes the program with us, should we crash.
    private static func guarded(_ command: [String]) -> [String] {
        let guardian = "/usr/bin/setpriv"
        guard FileManager.default.isExecutableFile(atPath: guardian) else { return command }
        return [guardian, "--pdeathsig", "KILL"] + command
    }

    /// Blocks until it has ended; it still keeps its number then.
    func waitForEnd() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == -1 && errno == EINTR {}
    }

    /// How it ended; gives its number back.
    func reap() -> ProgramRun.Exit {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1 && errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? .code(status >> 8 & 0xff) : .signal(signal)
    }

    private static func spawn(
        _ command: [String],
        _ environment: [String: String],
        _ streams: [Int32]
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
        }
        actions.closeAllBeyondStandardStreams()
        // What we ignore and block is not to be ignored and blocked by the program from its birth.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var some = sigset_t()
        sigemptyset(&none)
        sigemptyset(&some)
        for signal in [SIGPIPE, SIGTERM, SIGINT] { sigaddset(&some, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &some)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid = pid_t()
        let result = posix_spawn(&pid, command[0], &actions, &attributes, &words, &variables)
        guard result == 0 else {
            throw ProgramFailure("\(command[0]) cannot be run: \(String(cString: strerror(result)))")
        }
        return pid
    }

    private static func input(_ input: ProgramRun.Input) throws -> (reading: Int32, writing: Int32?) {
        switch input {
        case .nothing:
            return (open("/dev/null", O_RDONLY | O_CLOEXEC), nil)
        case .bytes, .endless:
            let ends = try makePipe()
            return (ends.reading, ends.writing)
        }
    }

    /// A pipe that no other program which is started meanwhile inherits an end of: it would keep it open. Only a named
    /// one can be made so in one step from Swift.
    private static func makePipe() throws -> (reading: Int32, writing: Int32) {
        let folder = try TemporaryDirectory()
        let path = folder.file("pipe")
        guard mkfifo(path, 0o600) == 0 else { throw ProgramFailure("no pipe: \(String(cString: strerror(errno)))") }
        let reading = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let writing = open(path, O_WRONLY | O_CLOEXEC)
        guard reading >= 0, writing >= 0, fcntl(reading, F_SETFL, 0) == 0 else {
            throw ProgramFailure("no pipe: \(String(cString: strerror(errno)))")
        }
        return (reading, writing)
    }

    private static func read(
        _ end: Int32,
        _ state: Observed<ProgramRun.State>,
        _ take: @escaping @Sendable (inout ProgramRun.State, ArraySlice<UInt8>) -> Void
    ) {
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = Foundation.read(end, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                state.change { take(&$0, buffer[..<count]) }
            }
            close(end)
            state.change { $0.finishedStreams += 1 }
        }
    }

    private static func write(_ input: ProgramRun.Input, to end: Int32, _ state: Observed<ProgramRun.State>) {
        // A program that reads no more is an error of write(2).
        Foundation.signal(SIGPIPE, SIG_IGN)
        Thread.detachNewThread {
            switch input {
            case .nothing: break
            case .bytes(let bytes): write(bytes, to: end)
            case .endless(let bytes):
                write(bytes, to: end)
                while state.read({ $0.exit == nil }) { usleep(20_000) }
            }
            close(end)
        }
    }

    private static func write(_ bytes: [UInt8], to end: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(end, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(bounded bytes: ArraySlice<UInt8>) {
        append(contentsOf: bytes.prefix(Swift.max(0, ProgramRun.outputBound - count)))
    }
}
