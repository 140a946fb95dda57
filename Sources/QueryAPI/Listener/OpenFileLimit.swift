#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The number of files and sockets that this process may have open, `RLIMIT_NOFILE`.
public enum OpenFileLimit {
    /// For everything but the event listener's connections: the database, logs, probes, refused connections.
    public static let others = 256

    /// Raises the soft limit as far as the hard one allows (many systems start programs with 1024 of 524288) and says
    /// how many connections there is room for.
    /// - Returns: `wanted`, or less, at least 1; `wanted` where the system does not tell.
    public static func connections(wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(number, &limit) == 0 else { return wanted }
        let needed = rlim_t(wanted + others)
        if limit.rlim_cur < needed {
            let raised = rlimit(rlim_cur: min(needed, limit.rlim_max), rlim_max: limit.rlim_max)
            if withUnsafePointer(to: raised, { setrlimit(number, $0) }) == 0 { limit = raised }
        }
        guard limit.rlim_cur < needed else { return wanted }
        return max(1, Int(limit.rlim_cur) - others)
    }

    #if canImport(Glibc)
        private static let number = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let number = RLIMIT_NOFILE
    #endif
}
