#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Where a program's own words go.
struct ProgramOutput: Sendable {
    let standard: @Sendable (String) -> Void
    let error: @Sendable (String) -> Void

    /// The process's standard output and standard error.
    static let process = ProgramOutput(standard: { write($0, to: 1) }, error: { write($0, to: 2) })

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { writeOnce(descriptor, $0) }
            guard written > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(0, written))
        }
    }
}

private func writeOnce(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
