#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Reads files of settings whole. It blocks: at start, or on a thread that may.
package enum SmallFile {
    /// The text of a file in UTF-8, with or without a byte order mark.
    /// - Parameter bound: in bytes; a larger file is refused.
    static func text(at path: String, bound: Int) throws(SettingFileError) -> String {
        var bytes = try bytes(at: path, bound: bound)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SettingFileError("'\(path)' is no text in UTF-8")
        }
        return text
    }

    /// What a file holds.
    /// - Parameter bound: in bytes; a larger file is refused.
    package static func bytes(at path: String, bound: Int) throws(SettingFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count <= bound {
            var code: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
                let got = read(descriptor, buffer.baseAddress, buffer.count)
                code = got < 0 ? errno : 0
                count = max(0, got)
            }
            guard code != EINTR else { continue }
            guard code == 0 else { throw failure(path, code) }
            guard !chunk.isEmpty else { break }
            bytes += chunk
        }
        guard bytes.count <= bound else { throw SettingFileError("'\(path)' is larger than \(bound) bytes") }
        return bytes
    }

    private static func failure(_ path: String, _ code: Int32 = errno) -> SettingFileError {
        SettingFileError("cannot read '\(path)': \(String(cString: strerror(code)))")
    }
}

/// A file of settings cannot be read.
public struct SettingFileError: Error, Hashable, CustomStringConvertible {
    /// One line, with the path.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
