internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The files of a spool on a real disk.
final class SystemSpoolFiles: SpoolFiles {
    private let directory: String
    private let lockFile = Mutex<SystemSpoolFile?>(nil)

    init(directory: String) {
        self.directory = directory
    }

    func path(of name: String) -> String { directory + "/" + name }

    func lock() throws(SystemFailure) -> Bool {
        if mkdir(directory, 0o700) == 0 {
            try synchronize(path: directory + "/..")
        } else if errno != EEXIST {
            throw SystemFailure("make the directory", directory)
        }
        let file = try openFile(SegmentName.lock, O_RDWR | O_CREAT)
        while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw SystemFailure("lock", file.path) }
        }
        lockFile.withLock { $0 = file }
        return true
    }

    func unlock() {
        lockFile.withLock { $0 = nil }
    }

    func names() throws(SystemFailure) -> [String] {
        guard let listing = opendir(directory) else { throw SystemFailure("list", directory) }
        defer { closedir(listing) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(listing) else { break }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw SystemFailure("list", directory) }
        return names
    }

    func open(_ name: String) throws(SystemFailure) -> any SpoolFile {
        try openFile(name, O_RDWR)
    }

    func create(_ name: String) throws(SystemFailure) -> any SpoolFile {
        try openFile(name, O_RDWR | O_CREAT | O_EXCL)
    }

    func remove(_ name: String) throws(SystemFailure) {
        guard unlink(path(of: name)) == 0 || errno == ENOENT else { throw SystemFailure("delete", path(of: name)) }
    }

    func rename(_ name: String, to newName: String) throws(SystemFailure) {
        #if canImport(Glibc)
            let result = Glibc.rename(path(of: name), path(of: newName))
        #elseif canImport(Musl)
            let result = Musl.rename(path(of: name), path(of: newName))
        #else
            let result = Darwin.rename(path(of: name), path(of: newName))
        #endif
        guard result == 0 else { throw SystemFailure("rename", path(of: name)) }
    }

    func synchronize() throws(SystemFailure) {
        try synchronize(path: directory)
    }

    private func synchronize(path: String) throws(SystemFailure) {
        try SystemSpoolFile(path: path, flags: O_RDONLY | O_DIRECTORY).synchronizeAll()
    }

    private func openFile(_ name: String, _ flags: Int32) throws(SystemFailure) -> SystemSpoolFile {
        try SystemSpoolFile(path: path(of: name), flags: flags)
    }
}

/// The time on the wall, in microseconds since 1970.
func wallClock() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
}
