internal import Dispatch

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A file of a few kilobytes: a token, a certificate, a kubeconfig.
///
/// Reading one blocks, for however long a network file system likes, so it is done on a queue of its own and never on
/// a thread of the cooperative pool.
package struct SmallFile: Sendable {
    /// What tells one content of a file from the next, without reading it.
    package struct Fingerprint: Sendable, Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let modifiedSeconds: Int
        let modifiedNanoseconds: Int
    }

    package struct Failure: Error {
        package let problem: String
        /// There is nothing of that name.
        var isMissing = false
    }

    /// 1 MiB: more is no token, no certificate and no kubeconfig. Longer files are refused.
    static let limit = 1 << 20

    private static let queue = DispatchQueue(label: "kee.small-files")

    let path: String

    /// - Parameter path: symbolic links are followed.
    package init(path: String) { self.path = path }

    package func read() async throws(Failure) -> [UInt8] {
        try await blocking { () throws(Failure) in try readNow() }
    }

    /// Follows symbolic links, by whose exchange the kubelet rotates tokens.
    package func fingerprint() async throws(Failure) -> Fingerprint {
        try await blocking { () throws(Failure) in
            var information = stat()
            guard stat(path, &information) == 0 else { throw Self.lastError("cannot be found") }
            return Fingerprint(information)
        }
    }

    private func blocking<Value: Sendable>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: Result(catching: work)) }
        }
        return try result.get()
    }

    /// Blocks.
    func readNow() throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.lastError("cannot be opened") }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            #if canImport(Darwin)
                let count = Darwin.read(descriptor, &buffer, buffer.count)
            #elseif canImport(Musl)
                let count = Musl.read(descriptor, &buffer, buffer.count)
            #else
                let count = Glibc.read(descriptor, &buffer, buffer.count)
            #endif
            if count == 0 { return content }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.lastError("cannot be read")
            }
            content.append(contentsOf: buffer[..<count])
            guard content.count <= Self.limit else {
                throw Failure(problem: "it is longer than \(Self.limit) bytes, so it is not what it should be")
            }
        }
    }

    private static func lastError(_ what: String) -> Failure {
        let isMissing = errno == ENOENT || errno == ENOTDIR
        return Failure(problem: "\(what): \(String(cString: strerror(errno)))", isMissing: isMissing)
    }

    /// Whether a path is that of a file which this process may run. Blocks.
    static func isProgram(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}

extension SmallFile.Fingerprint {
    fileprivate init(_ information: stat) {
        device = UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        size = Int64(information.st_size)
        #if canImport(Darwin)
            modifiedSeconds = information.st_mtimespec.tv_sec
            modifiedNanoseconds = information.st_mtimespec.tv_nsec
        #else
            modifiedSeconds = information.st_mtim.tv_sec
            modifiedNanoseconds = information.st_mtim.tv_nsec
        #endif
    }
}
