import JSON
import Testing

@testable import Watch

@Suite struct WatchBatchBufferTests {
    private let start = ContinuousClock.now

    private func event(_ name: String, bytes: Int = 20) throws -> JSONValue {
        let padding = String(repeating: "x", count: max(bytes - name.utf8.count - 11, 0))
        return try JSONDocument(parsing: Array("{\"n\":\"\(name)\(padding)\"}".utf8)).root
    }

    private func buffer(events: Int = 3, bytes: Int = 1000) -> WatchBatchBuffer {
        var options = WatchOptions()
        options.batchEvents = events
        options.batchBytes = bytes
        return WatchBatchBuffer(options)
    }

    @Test func itTakesAsManyEventsAsItMay() throws {
        var buffer = buffer()
        let events = try (0..<4).map { try event("\($0)") }
        #expect(events.map { buffer.append($0, version: "1") } == [true, true, true, false])
        let taken = buffer.take(at: start)
        #expect(taken.objects == Array(events[..<3]))
        let hasRoomAgain = buffer.append(events[3], version: "2")
        #expect(hasRoomAgain)
    }

    @Test func itTakesAsManyBytesAsItMayButAlwaysOneEvent() throws {
        var buffer = buffer(bytes: 100)
        let first = try [
            buffer.append(event("large", bytes: 500), version: "1"), buffer.append(event("small"), version: "2"),
        ]
        #expect(first == [true, false])
        _ = buffer.take(at: start)
        let second = try [
            buffer.append(event("a", bytes: 60), version: "3"), buffer.append(event("b", bytes: 60), version: "4"),
        ]
        #expect(second == [true, false])
        let version = buffer.take(at: start).version
        #expect(version == "3")
    }

    @Test func insideAListNoVersionIsReached() throws {
        var buffer = buffer()
        _ = try buffer.append(event("listed"), version: nil)
        let version = buffer.take(at: start).version
        #expect(version == nil)
        buffer.reach("7", mustGoOut: true, at: start)
        #expect(buffer.isReady)
        let taken = buffer.take(at: start)
        #expect(taken.objects.isEmpty && taken.version == "7")
    }

    @Test func aVersionWithoutAnEventWaitsForCompany() throws {
        var buffer = buffer()
        _ = try buffer.append(event("a"), version: "1")
        _ = buffer.take(at: start)
        buffer.reach("2", mustGoOut: false, at: start + .seconds(1))
        #expect(!buffer.isReady && !buffer.isEmpty)
        _ = try buffer.append(event("b"), version: "3")
        #expect(buffer.isReady)
        _ = buffer.take(at: start + .seconds(2))
        buffer.reach("4", mustGoOut: false, at: start + .seconds(6))
        #expect(!buffer.isReady)
        buffer.reach("5", mustGoOut: false, at: start + .seconds(7))
        #expect(buffer.isReady)
        let version = buffer.take(at: start + .seconds(7)).version
        #expect(version == "5")
        #expect(buffer.isEmpty && !buffer.isReady)
    }
}
