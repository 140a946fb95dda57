import Foundation
import Testing

@testable import TestSupport

@Suite("The journal of the fake API server")
struct JournalTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private var path: String { FakeAPIServer.Journal.path(in: folder.path) }

    private func server() throws -> FakeAPIServer {
        try FakeAPIServer(journal: FakeAPIServer.Journal(in: folder.path))
    }

    /// All that a client can see of a store.
    private func contents(_ store: FakeAPIServer.Store) -> [String] {
        store.changes.map { "\($0.version) \($0.kind) \($0.item.key) \(String(decoding: $0.item.body, as: UTF8.self))" }
            + store.items.keys.sorted() + ["\(store.version) \(store.compacted) \(store.clusterUID)"]
    }

    @Test func aServerThatIsOpenedAgainKnowsEverything() throws {
        let first = try server()
        var odd = FakeAPIServer.Event(name: "odd", message: "Zoë \u{0} \"<&>\" \u{2028}\n")
        odd.eventTime = 1_795_227_278_123_456
        first.put([odd, FakeAPIServer.Event(name: "gone"), FakeAPIServer.Event(name: "gone-too")])
        odd.messageJSON = Array(#""half: \ud83d""#.utf8)
        odd.message = "half: \u{fffd}"
        first.put(odd.again())
        first.advance()
        first.delete(["gone", "gone-too"].map { FakeAPIServer.Event(name: $0) })
        let second = try server()
        #expect(contents(second.store) == contents(first.store))
        // What is read back goes on as what was kept in memory.
        let later = Date(timeIntervalSince1970: 1_795_227_300)
        let bodies = [first, second].map {
            $0.store.items["default/odd"]?.event.again(at: later).body(resourceVersion: 1)
        }
        #expect(bodies[0] != nil && bodies[0] == bodies[1])
        second.put(odd.again().again())
        second.expire(before: 1003)
        #expect(contents(try server().store) == contents(second.store))
    }

    @Test func aTornLastLineIsCutOff() throws {
        let first = try server()
        first.put(FakeAPIServer.Event(name: "whole"))
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        first.put(FakeAPIServer.Event(name: "torn"))
        let both = try Data(contentsOf: URL(fileURLWithPath: path))
        for end in [whole.count + 1, (whole.count + both.count) / 2, both.count - 1] {
            try both.prefix(end).write(to: URL(fileURLWithPath: path))
            let second = try server()
            #expect(second.store.events.map(\.event.name) == ["whole"])
            #expect(second.store.version == 1001)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        }
    }

    @Test func aRestoreGoesBackAndIsRemembered() throws {
        let first = try server()
        first.put(FakeAPIServer.Event(name: "kept"))
        first.backUp()
        first.put(FakeAPIServer.Event(name: "undone"))
        first.restore()
        #expect(first.store.version == 1001)
        #expect(first.store.events.map(\.event.name) == ["kept"])
        #expect(first.put(FakeAPIServer.Event(name: "other")) == 1002)
        first.restore(revisionBump: 1000)
        #expect(first.store.version == 2002)
        #expect(first.store.compacted == 2002)
        let second = try server()
        #expect(contents(second.store) == contents(first.store))
        #expect(second.store.backupVersion == 1001)
    }

    @Test func aLineThatIsNoRecordIsAnError() throws {
        try folder.write("{\"type\":\"ADDED\",\"rv\":x}\n".utf8, to: "journal.ndjson")
        #expect(throws: FakeAPIServer.JournalFailure.self) { try server() }
    }
}
