import Synchronization

@testable import Spool

/// A real directory on a disk that fails on demand.
final class FailingFiles: SpoolFiles {
    /// What fails from now on, until it is set again.
    struct Faults: Sendable {
        /// Bytes that can still be written before the disk is full; nil for a disk that is large enough.
        var room: Int?
        var syncFails = false
        var truncateFails = false
        var createFails = false
        var removeFails = false
        var directorySyncFails = false
    }

    /// What the machine would forget if it lost its power now.
    private struct Unsafe: Sendable {
        var created: Set<String> = []
        /// Of each file that was made or written: the bytes that are on the disk.
        var safeBytes: [String: Int] = [:]
    }

    private let real: SystemSpoolFiles
    private let faults = Mutex(Faults())
    private let unsafe = Mutex(Unsafe())
    /// Syncs of segments that were asked for.
    let syncs = Mutex(0)
    /// What to do before each of them, on the thread of the spool.
    let beforeSync = Mutex<(@Sendable () -> Void)?>(nil)

    init(directory: String) {
        real = SystemSpoolFiles(directory: directory)
    }

    func set(_ change: (inout Faults) -> Void) {
        faults.withLock { change(&$0) }
    }

    /// A disk without faults.
    func heal() { faults.withLock { $0 = Faults() } }

    /// Forgets everything that was not synced. To be called while the spool is closed.
    func losePower() throws {
        let lost = unsafe.withLock { unsafe in
            defer { unsafe = Unsafe() }
            return unsafe
        }
        for name in lost.created { try real.remove(name) }
        let names = try real.names()
        for (name, bytes) in lost.safeBytes where names.contains(name) {
            let file = try real.open(name)
            if try file.size() > bytes { try file.truncate(to: bytes) }
        }
    }

    func path(of name: String) -> String { real.path(of: name) }

    func lock() throws(SystemFailure) -> Bool { try real.lock() }

    func unlock() { real.unlock() }

    func names() throws(SystemFailure) -> [String] { try real.names() }

    func open(_ name: String) throws(SystemFailure) -> any SpoolFile { File(try real.open(name), name, self) }

    func create(_ name: String) throws(SystemFailure) -> any SpoolFile {
        if faults.withLock(\.createFails) { throw .injected("open", 13) }
        let file = try real.create(name)
        unsafe.withLock {
            $0.created.insert(name)
            $0.safeBytes[name] = 0
        }
        return File(file, name, self)
    }

    func remove(_ name: String) throws(SystemFailure) {
        if faults.withLock(\.removeFails) { throw .injected("delete", 5) }
        try real.remove(name)
    }

    func rename(_ name: String, to newName: String) throws(SystemFailure) { try real.rename(name, to: newName) }

    func synchronize() throws(SystemFailure) {
        if faults.withLock(\.directorySyncFails) { throw .injected("sync", 5) }
        try real.synchronize()
        unsafe.withLock { $0.created = [] }
    }

    private final class File: SpoolFile {
        let real: any SpoolFile
        let name: String
        let files: FailingFiles

        init(_ real: any SpoolFile, _ name: String, _ files: FailingFiles) {
            self.real = real
            self.name = name
            self.files = files
        }

        func size() throws(SystemFailure) -> Int { try real.size() }

        func read(at offset: Int, count: Int) throws(SystemFailure) -> [UInt8] {
            try real.read(at: offset, count: count)
        }

        func write(_ bytes: [UInt8], at offset: Int) throws(SystemFailure) {
            let possible = files.faults.withLock { faults in
                let possible = min(bytes.count, faults.room ?? .max)
                faults.room? -= possible
                return possible
            }
            try real.write(Array(bytes.prefix(possible)), at: offset)
            // ENOSPC on Linux.
            if possible < bytes.count { throw .injected("write", 28, isDiskFull: true) }
        }

        func truncate(to size: Int) throws(SystemFailure) {
            if files.faults.withLock(\.truncateFails) { throw .injected("truncate", 5) }
            try real.truncate(to: size)
        }

        func synchronize() throws(SystemFailure) {
            files.beforeSync.withLock { $0 }?()
            files.syncs.withLock { $0 += 1 }
            if files.faults.withLock(\.syncFails) { throw .injected("sync", 5) }
            try real.synchronize()
            let size = try real.size()
            files.unsafe.withLock { $0.safeBytes[name] = size }
        }
    }
}

extension SystemFailure {
    static func injected(_ operation: String, _ code: Int32, isDiskFull: Bool = false) -> SystemFailure {
        SystemFailure(operation: operation, path: "test", code: code, reason: "injected", isDiskFull: isDiskFull)
    }
}
