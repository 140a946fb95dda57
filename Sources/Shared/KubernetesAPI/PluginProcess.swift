internal import FoundationEssentials

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A program that is started, listened to and waited for. Blocks: to be run on a thread of its own.
///
/// It leads a process group of its own and reads from nothing. At a bound the whole group is killed.
struct PluginProcess {
    /// How it came to its end, by itself.
    enum Exit: Equatable {
        case code(Int32)
        case signal(Int32)
    }

    struct Output {
        let exit: Exit
        let standardOutput: [UInt8]
        /// The end of it.
        let standardError: [UInt8]
    }

    enum Failure: Error, Equatable {
        /// The system did not start it, for this reason.
        case notStarted(String)
        /// It was not done in time. What it had said on standard error at last.
        case tooSlow([UInt8])
        /// It wrote more to its standard output than is taken.
        case tooMuch
        /// Nobody waits for it any more.
        case abandoned
    }

    let path: String
    let arguments: [String]
    let environment: [String: String]
    var timeout: Duration
    /// The most that is taken of its standard output, in bytes.
    var outputLimit = 1 << 20
    /// How much of the end of its standard error is kept, in bytes.
    var errorTail = 4 << 10

    /// How often it is looked whether somebody still waits, in milliseconds. What the program writes, and its end, are
    /// seen at once.
    private static let lookMilliseconds: Int32 = 100

    /// Runs it.
    ///
    /// - Parameter isAbandoned: asked ten times a second.
    func run(isAbandoned: () -> Bool) throws(Failure) -> Output {
        guard let output = ProcessPipe(), let errors = ProcessPipe() else {
            throw .notStarted("no pipe: \(String(cString: strerror(errno)))")
        }
        let end = ContinuousClock.now + timeout
        let process = try spawn(output: output, errors: errors)
        output.closeWriting()
        errors.closeWriting()
        var said: [UInt8] = []
        var complained: [UInt8] = []
        var exit: Exit?
        while true {
            // Looked at before the pipes are read: what it had written until its end is then in them.
            if exit == nil { exit = Self.exit(of: process) }
            let isQuiet = !ProcessPipe.wait(
                for: [output, errors],
                milliseconds: exit == nil ? (output.isOpen || errors.isOpen ? Self.lookMilliseconds : 5) : 0
            )
            output.read { said.append(contentsOf: $0) }
            errors.read { complained = (complained + $0).suffix(errorTail) }
            if said.count > outputLimit {
                Self.kill(process, exit)
                throw .tooMuch
            }
            // A helper that it left behind may hold the pipes open for ever; that is no reason to wait.
            if let exit, isQuiet {
                return Output(exit: exit, standardOutput: said, standardError: complained)
            }
            if ContinuousClock.now >= end {
                Self.kill(process, exit)
                throw .tooSlow(complained)
            }
            if isAbandoned() {
                Self.kill(process, exit)
                throw .abandoned
            }
        }
    }

    private static func exit(of process: pid_t) -> Exit? {
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? .code(status >> 8 & 0xff) : .signal(signal)
    }

    private static func kill(_ process: pid_t, _ exit: Exit?) {
        // The group's number is not given away as long as somebody is in it, or its leader is not waited for.
        guard exit == nil else { return }
        #if canImport(Glibc)
            _ = Glibc.kill(-process, SIGKILL)
        #elseif canImport(Musl)
            _ = Musl.kill(-process, SIGKILL)
        #else
            _ = Darwin.kill(-process, SIGKILL)
        #endif
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 && errno == EINTR {}
    }
}

extension PluginProcess {
    private func spawn(output: ProcessPipe, errors: ProcessPipe) throws(Failure) -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
            let closing = Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
            let closing: Int32 = 0
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.writeEnd, 2)
        #if !canImport(Darwin)
            for descriptor in Self.descriptorsBeyondStandardStreams() {
                posix_spawn_file_actions_addclose(&actions, descriptor)
            }
        #endif
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What we ignore and block is not to be ignored and blocked by the program from its birth.
        var none = sigset_t()
        var some = sigset_t()
        sigemptyset(&none)
        sigemptyset(&some)
        for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP] { sigaddset(&some, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &some)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETPGROUP)
        posix_spawnattr_setflags(&attributes, Int16(flags | closing))
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var process = pid_t()
        let code = posix_spawn(&process, path, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw .notStarted(String(cString: strerror(code))) }
        return process
    }

    /// All that are open, and some more: another thread may open one until the program starts, and not everybody marks
    /// it as not to be inherited. To close one that is not open is no error here.
    private static func descriptorsBeyondStandardStreams() -> ClosedRange<Int32> {
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
        return 3...((open.compactMap { Int32($0) }.max() ?? 255) + 64)
    }
}
