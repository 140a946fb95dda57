/// What a spool cannot do. Nothing was written by an `append` that throws.
public enum SpoolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another process has the directory open.
    case inUse(directory: String)
    /// A segment was written for another cluster. Its path.
    case otherCluster(file: String, found: String, expected: String)
    /// A segment was written by a newer program. Its path.
    case unknownVersion(file: String, version: UInt32)
    /// There is no room until something is acknowledged. Bytes there are, and may be.
    case full(bytes: Int, limit: Int)
    /// The record would fit into no spool of this size. Its bytes, and the most it may have.
    case tooLarge(bytes: Int, limit: Int)
    /// The system refused.
    case disk(SystemFailure)
    /// A record that was good when the spool was opened, or written, cannot be read any more. Its segment's path.
    case damaged(file: String, offset: Int)
    /// The spool was closed.
    case closed

    /// Whether the disk, or a quota of it, is full.
    public var isDiskFull: Bool {
        switch self {
        case .disk(let failure): failure.isDiskFull
        case .inUse, .otherCluster, .unknownVersion, .full, .tooLarge, .damaged, .closed: false
        }
    }

    /// Whether the same call can succeed later, without anybody's doing.
    public var isRetryable: Bool {
        switch self {
        case .full, .disk: true
        case .inUse, .otherCluster, .unknownVersion, .tooLarge, .damaged, .closed: false
        }
    }

    /// What failed, where, and what helps.
    public var description: String {
        switch self {
        case .inUse(let directory):
            "\(directory): another process uses this spool; give each collector a directory of its own"
        case .otherCluster(let file, let found, let expected):
            """
            \(file): this spool holds events of the cluster "\(found)", not of "\(expected)"; run the collector with \
            --cluster \(found) until they are in the database, or give it another directory
            """
        case .unknownVersion(let file, let version):
            """
            \(file): format version \(version) is unknown to this program, which reads version \
            \(SegmentHeader.version); run the newer program until the spool is drained
            """
        case .full(let bytes, let limit):
            "the spool is full: \(bytes) of \(limit) bytes; it has room again when the database takes events"
        case .tooLarge(let bytes, let limit):
            "a batch of \(bytes) bytes is too large for the spool, which takes up to \(limit); give the spool more room"
        case .disk(let failure): failure.description
        case .damaged(let file, let offset):
            "\(file): damaged at byte \(offset); what cannot be read is set aside when the collector starts again"
        case .closed: "the spool is closed"
        }
    }
}

/// A call that the system refused.
public struct SystemFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was attempted, such as "write".
    public let operation: String
    /// The file or directory.
    public let path: String
    /// The value of errno.
    public let code: Int32
    /// The system's words for it.
    public let reason: String
    /// Whether it is ENOSPC or EDQUOT.
    public let isDiskFull: Bool

    /// What failed, where and why.
    public var description: String { "\(path): cannot \(operation): \(reason)" }
}
