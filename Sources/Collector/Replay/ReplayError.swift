/// Why a file could not be read, or not to its end. What had been read before was handed on.
public enum ReplayError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system does not open it; its words.
    case cannotOpen(path: String, reason: String)
    /// The system does not read it; its words.
    case cannotRead(path: String, reason: String)
    /// Its gzip stream ends too early. The offset counts bytes of the compressed file.
    case truncatedGzip(path: String, offset: Int)
    /// Its gzip stream is damaged; zlib's words. The offset counts bytes of the compressed file.
    case damagedGzip(path: String, offset: Int, reason: String)

    /// What failed, with path, offset and reason.
    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "\(path): cannot be opened: \(reason)"
        case .cannotRead(let path, let reason): "\(path): cannot be read: \(reason)"
        case .truncatedGzip(let path, let offset):
            "\(path): the gzip stream ends too early, at byte \(offset); what came before was read"
        case .damagedGzip(let path, let offset, let reason):
            "\(path): the gzip stream is damaged near byte \(offset): \(reason); what came before was read"
        }
    }
}
