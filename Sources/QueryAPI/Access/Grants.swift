internal import EventReader

/// What a file lets somebody see: `*`, `cluster`, `cluster/namespace`.
struct Grants: Sendable, Equatable {
    /// All of it together.
    private(set) var visibility = Visibility.only([:])

    init() {}

    /// - Throws: a sentence on the first that is none.
    init(parsing texts: some Sequence<String>) throws(AccessFileError.Reason) {
        for text in texts { try add(text) }
    }

    private mutating func add(_ text: String) throws(AccessFileError.Reason) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard text == "*" || parts.allSatisfy(Self.isName) else {
            throw AccessFileError.Reason("'\(text.prefix(80))' is no grant: give *, a cluster, or cluster/namespace")
        }
        let granted: Visibility
        switch parts.count {
        case 1 where parts[0] == "*": granted = .everything
        case 1: granted = .only([parts[0]: .all])
        default: granted = .only([parts[0]: .only([parts[1]])])
        }
        visibility = visibility.union(granted)
    }

    /// A cluster's name as kee-collector takes it, which is wider than a namespace's. Wildcards within names are none,
    /// and a file that has them means more than it would get.
    private static func isName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "*") && $0 != UInt8(ascii: "/") }
    }

    /// The clusters that are named; nil for all.
    var clusters: Set<String>? {
        guard case .only(let clusters) = visibility else { return nil }
        return Set(clusters.keys)
    }
}

/// A file about access that cannot be used.
public struct AccessFileError: Error, Sendable, Equatable, CustomStringConvertible {
    struct Reason: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// The file.
    public let path: String
    /// From 1, where it is known.
    public let line: Int?
    /// What is wrong, and the remedy. Never a token or its hash.
    public let problem: String

    /// File, line and problem in one line.
    public var description: String { line.map { "\(path):\($0): \(problem)" } ?? "\(path): \(problem)" }
}
