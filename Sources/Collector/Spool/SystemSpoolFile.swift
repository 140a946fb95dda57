#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A file descriptor that is closed when nobody needs it any more.
final class SystemSpoolFile: SpoolFile {
    let path: String
    let descriptor: Int32

    init(path: String, flags: Int32) throws(SystemFailure) {
        self.path = path
        while true {
            let opened = open(path, flags | O_CLOEXEC, 0o600)
            if opened >= 0 {
                descriptor = opened
                return
            }
            guard errno == EINTR else { throw SystemFailure("open", path) }
        }
    }

    deinit { close(descriptor) }

    func size() throws(SystemFailure) -> Int {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw SystemFailure("look at", path) }
        return Int(information.st_size)
    }

    func read(at offset: Int, count: Int) throws(SystemFailure) -> [UInt8] {
        var failure: SystemFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let part = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[filled..<count]
                )
                let read = pread(descriptor, part.baseAddress, part.count, off_t(offset + filled))
                if read == 0 { return }
                if read > 0 {
                    filled += read
                } else if errno != EINTR {
                    failure = SystemFailure("read", path)
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(SystemFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let part = UnsafeRawBufferPointer(rebasing: buffer[written...])
                return pwrite(descriptor, part.baseAddress, part.count, off_t(offset + written))
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw SystemFailure("write", path)
            }
        }
    }

    func truncate(to size: Int) throws(SystemFailure) {
        while ftruncate(descriptor, off_t(size)) != 0 {
            guard errno == EINTR else { throw SystemFailure("truncate", path) }
        }
    }

    func synchronize() throws(SystemFailure) {
        // fdatasync also writes the size, without which what was appended could not be found.
        #if canImport(Darwin)
            guard fcntl(descriptor, F_FULLFSYNC) != -1 else { throw SystemFailure("sync", path) }
        #else
            guard fdatasync(descriptor) == 0 else { throw SystemFailure("sync", path) }
        #endif
    }

    /// For a directory.
    func synchronizeAll() throws(SystemFailure) {
        guard fsync(descriptor) == 0 else { throw SystemFailure("sync", path) }
    }
}

extension SystemFailure {
    /// With errno as it is now, or with another code.
    init(_ operation: String, _ path: String, code: Int32 = errno) {
        self.init(
            operation: operation,
            path: path,
            code: code,
            reason: String(cString: strerror(code)),
            isDiskFull: code == ENOSPC || code == EDQUOT
        )
    }
}
