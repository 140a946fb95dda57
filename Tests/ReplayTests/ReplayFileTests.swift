import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Replay

/// Real files, FIFOs and their ends.
@Suite struct ReplayFileTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func batches(_ path: String, of count: Int = 1000, maxBytes: Int = 8 << 20) async throws -> [[String]] {
        var batches: [[String]] = []
        try await ReplayFile(path: path).forEachBatch(of: count, maxBytes: maxBytes) { batch in
            batches.append(batch.map(\.summary))
        }
        return batches
    }

    @Test func batchesInOrder() async throws {
        let path = try folder.write((0..<2500).map { event("R\($0)") }.joined(separator: "\n").utf8, to: "events")
        let read = try await batches(path)
        #expect(read.map(\.count) == [1000, 1000, 500])
        #expect(read.flatMap { $0 } == (0..<2500).map { "\($0) R\($0)" })
        #expect(try await batches(path, of: 2499).map(\.count) == [2499, 1])
        #expect(try await batches(path, maxBytes: event("R0").utf8.count).allSatisfy { $0.count == 1 })
    }

    @Test func anEmptyFileHasNone() async throws {
        #expect(try await batches(folder.write([], to: "empty")).isEmpty)
        #expect(try await batches(folder.write("{\"kind\":\"List\",\"items\":[]}".utf8, to: "list")).isEmpty)
    }

    @Test func whatCannotBeOpenedOrRead() async throws {
        let missing = folder.file("missing")
        await #expect(throws: ReplayError.cannotOpen(path: missing, reason: "No such file or directory")) {
            try await batches(missing)
        }
        await #expect(throws: ReplayError.cannotRead(path: folder.path, reason: "Is a directory")) {
            try await batches(folder.path)
        }
    }

    @Test func aTruncatedGzipIsAnErrorBehindItsEvents() async throws {
        let whole = try GzipTests.gzip((0..<3000).map { event("R\($0)") }.joined().utf8)
        let path = try folder.write(whole.dropLast(100), to: "cut.gz")
        var events = 0
        await #expect(throws: ReplayError.truncatedGzip(path: path, offset: whole.count - 100)) {
            try await ReplayFile(path: path).forEachBatch { events += $0.count(where: \.isEvent) }
        }
        #expect(events > 2000)
    }

    private struct Enough: Error {}

    @Test func theCallerMayStop() async throws {
        let path = try folder.write((0..<5000).map { event("R\($0)") }.joined().utf8, to: "events")
        var seen = 0
        await #expect(throws: Enough.self) {
            try await ReplayFile(path: path).forEachBatch(of: 10) { batch in
                seen += batch.count
                if seen == 50 { throw Enough() }
            }
        }
        #expect(seen == 50)
    }

    /// What has come is handed on though the writer keeps the FIFO open, and then the task can be cancelled.
    @Test func aFIFOThatStaysOpen() async throws {
        let path = folder.file("fifo")
        try #require(mkfifo(path, 0o600) == 0)
        let seen = Observed<[String]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await ReplayFile(path: path).forEachBatch { batch in
                    seen.change { $0 += batch.map(\.summary) }
                }
            }
            // A reader is there or will be: both ends together never block.
            let writer = open(path, O_RDWR | O_NONBLOCK)
            try #require(writer >= 0)
            defer { close(writer) }
            let text = Array((event("A") + event("B") + "{").utf8)
            #expect(write(writer, text, text.count) == text.count)
            try await seen.wait { $0.count == 2 }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        #expect(seen.value == ["0 A", "1 B"])
    }

    @Test func aFIFOThatNobodyOpens() async throws {
        let path = folder.file("fifo")
        try #require(mkfifo(path, 0o600) == 0)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ReplayFile(path: path).forEachBatch { _ in } }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
    }

    /// The reader comes first, and its file ends when the writer goes.
    @Test func aFIFOWhoseWriterComesAndGoes() async throws {
        let path = folder.file("fifo")
        try #require(mkfifo(path, 0o600) == 0)
        async let read = batches(path)
        // Without a reader this fails at once.
        var writer = open(path, O_WRONLY | O_NONBLOCK)
        while writer < 0, errno == ENXIO {
            await Task.yield()
            writer = open(path, O_WRONLY | O_NONBLOCK)
        }
        let text = Array((event("A") + event("B")).utf8)
        #expect(write(writer, text, text.count) == text.count)
        close(writer)
        #expect(try await read.flatMap { $0 } == ["0 A", "1 B"])
    }
}
