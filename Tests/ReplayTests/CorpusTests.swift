import EventModel
import Foundation
import JSON
import TestSupport
import Testing

@testable import Replay

private let folder = SampleFiles.folder.appending(path: "corpus")
private let index = folder.appending(path: "INDEX.md")

/// Files of real clusters, where a checkout has them beside it.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: index.path)))
struct CorpusTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var name: String
        /// Nil where the index has no number.
        var events: Int?
        var testDescription: String { name }
    }

    static let samples: [Sample] = ((try? String(contentsOf: index, encoding: .utf8)) ?? "")
        .split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
            guard cells.count > 3, cells[1].contains("__") else { return nil }
            return Sample(name: String(cells[1]), events: Int(cells[2]))
        }

    @Test func theIndexNamesFiles() {
        #expect(Self.samples.count > 20)
    }

    @Test(arguments: samples) func holdsAsManyEventsAsTheIndexSays(_ sample: Sample) async throws {
        let url = folder.appending(path: sample.name)
        var events = 0
        var rejected: [String] = []
        try await ReplayFile(path: url.path).forEachBatch { batch in
            for item in batch {
                if item.isEvent { events += 1 } else { rejected.append(item.summary) }
            }
        }
        guard let expected = sample.events else {
            #expect(events > 0 && rejected.isEmpty)
            return
        }
        #expect(events == expected)
        // What holds no event, an exporter's flattened output, is refused as one.
        #expect(rejected.count == (expected == 0 ? 1 : 0), "\(rejected.prefix(3))")
    }

    /// Cutting lists up changes nothing: the same events, of equal JSON, as in whole documents, and the same rejections.
    @Test func sameAsWholeDocuments() throws {
        for sample in SampleFiles.all {
            var whole: [EventDocument.Item] = []
            let documents = try sample.documents()
            // One that does not parse as a whole is not comparable.
            guard !documents.isEmpty else { continue }
            for document in documents { EventDocument.forEachItem(of: document) { whole.append($0) } }
            let parts = items(try Data(contentsOf: sample.url), chunk: 4096).sorted { $0.index < $1.index }
            #expect(parts.count == whole.count, "\(sample.name)")
            for (part, expected) in zip(parts, whole) {
                switch (part.event, expected) {
                case (.success(let part), .success(let expected)): #expect(part.body == expected.body)
                case (.failure(let part), .failure(let expected)): #expect(part == expected, "\(sample.name)")
                default: Issue.record("\(sample.name): \(part.summary)")
                }
            }
        }
    }
}
