import Foundation
import JSON
import TestSupport
import Testing

private let corpus = SampleFiles.folder.appending(path: "corpus")

/// Events of real clusters, where a checkout has them beside it: in through one program, out through the other.
@Suite(
    "The corpus, through both programs",
    .enabled(if: FileManager.default.fileExists(atPath: corpus.appending(path: "INDEX.md").path)),
    .fewAtOnce,
    .timeLimit(.minutes(5))
)
struct CorpusTests {
    /// The files that the index names, with how many events it says they hold; nil where it does not say.
    static func files() throws -> [(path: String, events: Int?)] {
        try String(contentsOf: corpus.appending(path: "INDEX.md"), encoding: .utf8).split(separator: "\n")
            .compactMap { line in
                let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                guard cells.count > 3, cells[1].contains("__") else { return nil }
                return (corpus.appending(path: String(cells[1])).path, Int(cells[2]))
            }
    }

    @Test func allOfItIsStoredOnceAndReadsBackEqual() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        let files = try Self.files()
        #expect(files.count > 20)
        for (path, events) in files {
            let run = try await replay([path], into: database, cluster: "corpus")
            if events == 0 {
                #expect(run.exit == .code(1), "\(path)")
                #expect(run.errors.contains(path))
            } else {
                #expect(run.exit == .code(0), "\(path): \(run.errors)")
                #expect(run.output.hasSuffix(" rejected=0\n"), "\(path): \(run.errors)")
                if let events { #expect(run.output.hasPrefix("read=\(events) "), "\(path): \(run.output)") }
            }
        }
        let again = try await replay(files.filter { $0.events != 0 }.map(\.path), into: database, cluster: "corpus")
        #expect(again.output.contains(" stored=0 ") && again.output.hasSuffix(" rejected=0\n"), "\(again.output)")

        let sent = try await offPool { try files.flatMap { try Self.coreEvents(in: $0.path) } }
        #expect(sent.count > 5500)
        try await withQuery(database) { _, client, _ in
            let items = try await client.allItems("/events/corpus")
            #expect(try await Database.events(in: database) == items.count)
            let missing = try await offPool { try Self.missing(sent, in: items) }
            #expect(missing == [])
        }
    }

    /// The identities of what was sent and did not come back equal.
    private static func missing(_ sent: [JSONValue], in items: [JSONValue]) throws -> [String] {
        let back = Dictionary(grouping: try items.map { try $0.without("cluster") }, by: \.identity)
        return Dictionary(grouping: sent, by: \.identity).compactMap { identity, events in
            let answers = back[identity] ?? []
            let isThere = { (event: JSONValue) in answers.contains { $0 == event } }
            // Of several bodies under one identity the first stays; without a uid each body is one of its own.
            let isFine = identity.hasPrefix("?") ? events.allSatisfy(isThere) : events.contains(where: isThere)
            return isFine ? nil : "\(identity): \(String(decoding: events[0].jsonBytes, as: UTF8.self))"
        }
    }

    /// What is core/v1 in a file of JSON, without `managedFields`.
    private static func coreEvents(in path: String) throws -> [JSONValue] {
        let bytes = path.hasSuffix(".gz") ? try gunzip(path) : Array(try Data(contentsOf: URL(filePath: path)))
        guard let root = try? JSONDocument(parsing: bytes).root else { return [] }
        return try coreEvents(in: root).map { try $0.withoutManagedFields() }
    }

    private static func coreEvents(in value: JSONValue) -> [JSONValue] {
        if let items = value["items"] { return items.elements.flatMap { coreEvents(in: $0) } }
        if value["type"] != nil, let object = value["object"] { return coreEvents(in: object) }
        let isCore = value["apiVersion"].map { $0.string == "v1" } ?? true
        return isCore && value["involvedObject"] != nil && value["metadata"] != nil ? [value] : []
    }
}
