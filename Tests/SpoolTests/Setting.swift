import Coverage
import Logging
import TestSupport

@testable import Spool

/// A directory of a spool, and how to open it as the collector does after each start.
struct SpoolSetting {
    let temporary: TemporaryDirectory
    var maxBytes = 8 << 20
    var cluster = "prod"

    init(maxBytes: Int = 8 << 20) throws {
        temporary = try TemporaryDirectory()
        self.maxBytes = maxBytes
    }

    var directory: String { temporary.file("spool") }

    var files: SystemSpoolFiles { SystemSpoolFiles(directory: directory) }

    func open(_ metrics: SpoolMetrics = SpoolMetrics()) async throws -> Spool {
        try await Spool.open(
            directory: directory,
            maxBytes: maxBytes,
            cluster: cluster,
            logger: .silent,
            metrics: metrics
        )
    }

    func open(on files: any SpoolFiles) async throws -> Spool {
        try await Spool.open(
            files,
            directory: directory,
            maxBytes: maxBytes,
            cluster: cluster,
            logger: .silent,
            metrics: SpoolMetrics()
        )
    }

    /// The names of the segments, in order.
    func segments() throws -> [String] { try names(".spool") }

    func names(_ ending: String) throws -> [String] { try files.names().filter { $0.hasSuffix(ending) }.sorted() }

    func content(of name: String) throws -> [UInt8] {
        let file = try files.open(name)
        return try file.read(at: 0, count: try file.size())
    }

    func replace(_ name: String, with content: [UInt8]) throws {
        let file = try files.open(name)
        try file.truncate(to: 0)
        try file.write(content, at: 0)
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension SpoolRecord {
    /// A record that is known by its number, which is also the time up to which it vouches.
    static func numbered(_ number: Int, in namespace: String? = nil, bytes: Int = 40, bodies: Int = 1) -> SpoolRecord {
        let text = "{\"number\":\(number)}"
        let body = Array((text + String(repeating: " ", count: max(0, bytes - text.utf8.count))).utf8)
        return SpoolRecord(
            namespace: namespace,
            position: .at(number),
            bodies: Array(repeating: body, count: bodies)
        )
    }

    /// The number that it was made with.
    var number: Int? { position.flatMap { Int($0.resourceVersion) } }
}

extension WatchPosition {
    static func at(_ number: Int, since: Int = 0, _ cause: CoverageStretch.Cause = .first) -> WatchPosition {
        WatchPosition(
            resourceVersion: String(number),
            stretch: CoverageStretch(since: Int64(since), until: Int64(number), cause: cause)
        )
    }
}

extension Spool {
    /// Hands out and acknowledges everything that is here.
    func drain(maxEvents: Int = 1000, maxBytes: Int = 8 << 20) async throws -> [SpoolRecord] {
        var records: [SpoolRecord] = []
        while !status.isEmpty, let batch = try await next(maxEvents: maxEvents, maxBytes: maxBytes) {
            records += batch.records
            await acknowledge(batch)
        }
        return records
    }

    /// Closes the spool when the body is done, so that it can be opened again.
    @discardableResult
    func use<Value>(_ body: (Spool) async throws -> Value) async throws -> Value {
        do {
            let value = try await body(self)
            await close()
            return value
        } catch {
            await close()
            throw error
        }
    }
}
