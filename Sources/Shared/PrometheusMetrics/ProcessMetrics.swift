#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The standard metrics of a process, read from `/proc`, which answers from memory and does not block.
/// Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics and proc(5).
enum ProcessMetrics {
    static let help = [
        "process_cpu_seconds_total": "Total user and system CPU time spent in seconds.",
        "process_open_fds": "Number of open file descriptors.",
        "process_max_fds": "Maximum number of open file descriptors.",
        "process_resident_memory_bytes": "Resident memory size in bytes.",
        "process_virtual_memory_bytes": "Virtual memory size in bytes.",
        "process_start_time_seconds": "Start time of the process since unix epoch in seconds.",
    ]

    static func current() -> [CollectedMetric] {
        var metrics: [CollectedMetric] = []
        func add(_ name: String, _ value: Double?, _ kind: MetricDescription.Kind = .gauge) {
            guard let value else { return }
            metrics.append(CollectedMetric(name, value: value, kind: kind, isPrefixed: false))
        }
        let stat = contents(of: "/proc/self/stat").flatMap(ProcessStat.init)
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        add("process_cpu_seconds_total", stat.map { Double($0.cpuTicks) / ticks }, .counter)
        add(
            "process_resident_memory_bytes",
            stat.map { Double($0.residentPages) * Double(sysconf(Int32(_SC_PAGESIZE))) }
        )
        add("process_virtual_memory_bytes", stat.map { Double($0.virtualBytes) })
        if let stat, let boot = bootTime() {
            add("process_start_time_seconds", boot + Double(stat.startTicks) / ticks)
        }
        add("process_open_fds", openFiles().map(Double.init))
        add("process_max_fds", maximumFiles())
        return metrics
    }

    /// When the machine started, in seconds since 1970.
    private static func bootTime() -> Double? {
        guard let line = contents(of: "/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") })
        else { return nil }
        return Double(line.dropFirst(6))
    }

    private static func maximumFiles() -> Double? {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return nil }
        return limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur)
    }

    private static func openFiles() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without ".", ".." and the descriptor that reads them.
        return max(0, count - 3)
    }

    /// A file's text, up to 64 kB, which is more than the lines that are looked for.
    static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count < 65_536 {
            let chunk = [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
                count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
            }
            guard !chunk.isEmpty else { break }
            bytes += chunk
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The fields of `/proc/self/stat` that are of use. Source: proc(5).
struct ProcessStat: Equatable {
    let cpuTicks: UInt64
    let startTicks: UInt64
    let virtualBytes: UInt64
    let residentPages: UInt64

    /// Nil when the line is not understood. The program's name, the second field, may hold spaces and parentheses.
    init?(_ line: String) {
        guard let end = line.lastIndex(of: ")") else { return nil }
        // The first field here is the third of the line.
        let fields = line[line.index(after: end)...].split(whereSeparator: \.isWhitespace)
        guard fields.count > 21, let user = UInt64(fields[11]), let system = UInt64(fields[12]),
            let start = UInt64(fields[19]), let virtual = UInt64(fields[20]), let resident = UInt64(fields[21])
        else { return nil }
        cpuTicks = user + system
        startTicks = start
        virtualBytes = virtual
        residentPages = resident
    }
}
