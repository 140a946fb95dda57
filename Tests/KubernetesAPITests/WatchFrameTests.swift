import JSON
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite struct WatchFrameTests {
    /// What an independent count (Python's json over the same bytes) found in each recording.
    struct Recorded: Sendable, CustomTestStringConvertible {
        let file: String
        let counts: [String: Int]
        let lastVersion: String?
        var testDescription: String { file }
    }

    static let recorded: [Recorded] = [
        Recorded(file: "v1.32-watch-gzip-nocache.http", counts: ["ADDED": 20], lastVersion: "221"),
        Recorded(file: "watch-410-compacted-rv-events-v1.http", counts: ["ERROR": 1], lastVersion: nil),
        Recorded(file: "watch-410-compacted-rv-nocache.http", counts: ["ERROR": 1], lastVersion: nil),
        Recorded(file: "watch-410-rv1-nocache.http", counts: ["ERROR": 1], lastVersion: nil),
        Recorded(file: "watch-410-too-old-rv-cache.http", counts: ["ERROR": 1], lastVersion: nil),
        Recorded(
            file: "watch-core-v1-kubelet-failures.jsonl",
            counts: ["ADDED": 19, "BOOKMARK": 4, "MODIFIED": 76],
            lastVersion: "3831"
        ),
        Recorded(
            file: "watch-direct-core.http",
            counts: ["ADDED": 6, "DELETED": 1, "MODIFIED": 4],
            lastVersion: "1835"
        ),
        Recorded(file: "watch-etcd-frozen-70s.http", counts: ["DELETED": 2, "MODIFIED": 19], lastVersion: "4261"),
        Recorded(file: "watch-future-rv-nocache.http", counts: [:], lastVersion: nil),
        Recorded(file: "watch-gzip-nocache.http", counts: ["ADDED": 27, "MODIFIED": 1], lastVersion: "2055"),
        Recorded(file: "watch-quiet-namespace-cache-bookmarks.jsonl", counts: ["BOOKMARK": 4], lastVersion: "2961"),
        Recorded(file: "watch-resume-after-restart-cache.http", counts: ["ERROR": 1], lastVersion: nil),
        Recorded(file: "watch-resume-after-restart-nocache.http", counts: ["ADDED": 50], lastVersion: "12371"),
        Recorded(
            file: "watch-ttl-deleted.http",
            counts: ["ADDED": 3, "DELETED": 3, "MODIFIED": 1],
            lastVersion: "4009"
        ),
        Recorded(
            file: "watchlist-core-cache.http",
            counts: ["ADDED": 18, "BOOKMARK": 2, "MODIFIED": 2],
            lastVersion: "3221"
        ),
        Recorded(file: "watchlist-pods-cache.http", counts: ["BOOKMARK": 2], lastVersion: "3237"),
    ]

    private func frames(_ body: [UInt8], chunkSize: Int) -> [WatchFrame] {
        var splitter = WatchLineSplitter()
        var frames: [WatchFrame] = []
        var start = 0
        while start < body.count {
            let end = min(start + chunkSize, body.count)
            splitter.append(Array(body[start..<end]))
            while let line = splitter.next() { frames.append(WatchFrame(line)) }
            start = end
        }
        if let line = splitter.finish() { frames.append(WatchFrame(line)) }
        return frames
    }

    private func type(_ frame: WatchFrame) -> String {
        switch frame {
        case .added: "ADDED"
        case .modified: "MODIFIED"
        case .deleted: "DELETED"
        case .bookmark: "BOOKMARK"
        case .error: "ERROR"
        case .oversized: "oversized"
        case .malformed(let reason, _): reason
        case .silence: "silence"
        }
    }

    @Test func everyRecordingIsInTheTable() {
        #expect(Recordings.watches == Self.recorded.map(\.file).sorted())
    }

    @Test(arguments: recorded) func aRecordedWatchGivesTheFramesThatAreInIt(_ recorded: Recorded) throws {
        let body = try Recordings.watchBody(recorded.file)
        let whole = frames(body, chunkSize: max(body.count, 1))
        #expect(Dictionary(whole.map { (type($0), 1) }, uniquingKeysWith: +) == recorded.counts)
        #expect(whole.compactMap(\.resourceVersion).last == recorded.lastVersion)
    }

    @Test(arguments: recorded) func itGivesTheSameWhereverItIsCut(_ recorded: Recorded) throws {
        let body = try Recordings.watchBody(recorded.file)
        let whole = frames(body, chunkSize: max(body.count, 1))
        // Every odd size for the short ones; for the long ones odd sizes around those of real frames.
        let sizes =
            body.count < 1000
            ? Array(stride(from: 1, through: body.count + 1, by: 2))
            : [1, 3, 5, 7, 127, 1023, 2047, 2049, 4095, 65_537]
        for size in sizes { #expect(frames(body, chunkSize: size) == whole, "in chunks of \(size)") }
    }

    @Test func everyCutInTwoAtAnOddPlaceGivesTheSame() throws {
        let body = try Recordings.watchBody("watch-ttl-deleted.http")
        let whole = frames(body, chunkSize: body.count)
        for cut in stride(from: 1, to: body.count, by: 2) {
            var splitter = WatchLineSplitter()
            var found: [WatchFrame] = []
            for part in [body[..<cut], body[cut...]] {
                splitter.append(Array(part))
                while let line = splitter.next() { found.append(WatchFrame(line)) }
            }
            #expect(found == whole, "cut at \(cut)")
        }
    }

    @Test func severalDeletedCanShareAVersion() throws {
        let body = try Recordings.watchBody("watch-ttl-deleted.http")
        let deleted = frames(body, chunkSize: body.count).filter { type($0) == "DELETED" }
        #expect(deleted.map(\.resourceVersion) == ["3984", "3984", "4009"])
    }

    @Test(arguments: [
        ("watch-410-compacted-rv-nocache.http", "The resourceVersion for the provided watch is too old."),
        ("watch-410-too-old-rv-cache.http", "too old resource version: 3092 (3094)"),
    ])
    func bothTextsOfAnExpiredWatchAreKnown(file: String, message: String) throws {
        let found = frames(try Recordings.watchBody(file), chunkSize: 17)
        #expect(found == [.error(KubernetesStatus(code: 410, reason: "Expired", message: message))])
        guard case .error(let status)? = found.first else { return }
        #expect(status.isExpired && !status.isTransient)
    }

    @Test func theEndOfTheInitialEventsIsSeen() throws {
        let body = try Recordings.watchBody("watchlist-core-cache.http")
        let ends = frames(body, chunkSize: 33).filter { frame in
            if case .bookmark(_, initialEventsEnd: true) = frame { true } else { false }
        }
        #expect(ends.count == 1)
    }

    @Test func theObjectIsHandedOnAsItCame() throws {
        let object = #"{"metadata":{"resourceVersion":"7"},"message":"ä \u0000","count":1.50}"#
        let frame = WatchFrame(line: Array("{\"type\":\"ADDED\",\"object\":\(object)}".utf8))
        guard case .added(let value, "7") = frame else {
            Issue.record("not added: \(frame)")
            return
        }
        #expect(String(decoding: value.rawBytes, as: UTF8.self) == object)
    }

    @Test(arguments: [
        ("not json at all", "no JSON"), ("{\"type\":\"ADDED\"", "no JSON"), ("[]", "no type"),
        (#"{"object":{}}"#, "no type"), (#"{"type":"ADDED"}"#, "no object"),
        (#"{"type":"ADDED","object":"x"}"#, "no object"), (#"{"type":"ADDED","object":{}}"#, "no resourceVersion"),
        (#"{"type":"RENAMED","object":{"metadata":{"resourceVersion":"1"}}}"#, "unknown: RENAMED"),
    ])
    func aLineThatIsNoFrameSaysWhy(line: String, reason: String) {
        guard case .malformed(let text, let prefix) = WatchFrame(line: Array(line.utf8)) else {
            Issue.record("it was taken for a frame")
            return
        }
        #expect(text.contains(reason))
        #expect(prefix == Array(line.utf8.prefix(256)))
    }

    @Test func anOversizedLineIsReportedByName() {
        let line =
            #"{"type":"ADDED","object":{"kind":"Event","metadata":{"name":"big.1","namespace":"ns","uid":"u","#
            + #""resourceVersion":"42","managedFields":[]},"message":"\#(String(repeating: "m", count: 9000))"}}"#
        var splitter = WatchLineSplitter(limit: 1000)
        splitter.append(Array((line + "\n").utf8))
        let frame = splitter.next().map { WatchFrame($0) }
        let expected = OversizedWatchLine(
            length: line.utf8.count,
            type: "ADDED",
            namespace: "ns",
            name: "big.1",
            resourceVersion: "42"
        )
        #expect(frame == .oversized(expected))
    }
}
