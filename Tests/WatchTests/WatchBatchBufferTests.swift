import Coverage
import JSON
import Testing

@testable import Watch

@Suite struct WatchBatchBufferTests {
    private let start = ContinuousClock.now

    private func event(_ name: String, bytes: Int = 20) throws -> JSONValue {
        let padding = String(repeating: "x", count: max(bytes - name.utf8.count - 11, 0))
        return try JSONDocument(parsing: Array("{\"n\":\"\(name)\(padding)\"}".utf8)).root
    }

    private func at(_ version: String, since: Int64 = 0, until: Int64 = 0) -> WatchPosition {
        WatchPosition(
            resourceVersion: version,
            stretch: CoverageStretch(since: since, until: until, cause: .first)
        )
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
        #expect(events.map { buffer.append($0, position: at("1")) } == [true, true, true, false])
        let taken = buffer.take(at: start)
        #expect(taken.objects == Array(events[..<3]))
        let hasRoomAgain = buffer.append(events[3], position: at("2"))
        #expect(hasRoomAgain)
    }

    @Test func itTakesAsManyBytesAsItMayButAlwaysOneEvent() throws {
        var buffer = buffer(bytes: 100)
        let first = try [
            buffer.append(event("large", bytes: 500), position: at("1")),
            buffer.append(event("small"), position: at("2")),
        ]
        #expect(first == [true, false])
        _ = buffer.take(at: start)
        let second = try [
            buffer.append(event("a", bytes: 60), position: at("3")),
            buffer.append(event("b", bytes: 60), position: at("4")),
        ]
        #expect(second == [true, false])
        let position = buffer.take(at: start).position
        #expect(position == at("3"))
    }

    @Test func insideAListNoVersionIsReached() throws {
        var buffer = buffer()
        _ = try buffer.append(event("listed"), position: nil)
        let position = buffer.take(at: start).position
        #expect(position == nil)
        _ = buffer.reach(at("7"), mustGoOut: true, at: start)
        #expect(buffer.isReady)
        let taken = buffer.take(at: start)
        #expect(taken.objects.isEmpty && taken.position == at("7"))
    }

    @Test func aVersionWithoutAnEventWaitsForCompany() throws {
        var buffer = buffer()
        _ = try buffer.append(event("a"), position: at("1"))
        _ = buffer.take(at: start)
        _ = buffer.reach(at("2"), mustGoOut: false, at: start + .seconds(1))
        #expect(!buffer.isReady && !buffer.isEmpty)
        _ = try buffer.append(event("b"), position: at("3"))
        #expect(buffer.isReady)
        _ = buffer.take(at: start + .seconds(2))
        _ = buffer.reach(at("4"), mustGoOut: false, at: start + .seconds(6))
        #expect(!buffer.isReady)
        _ = buffer.reach(at("5"), mustGoOut: false, at: start + .seconds(7))
        #expect(buffer.isReady)
        let position = buffer.take(at: start + .seconds(7)).position
        #expect(position == at("5"))
        #expect(buffer.isEmpty && !buffer.isReady)
    }

    @Test func anEventAfterAPauseIsDueAtOnceAndOneSoonAfterItWaitsForCompany() throws {
        var buffer = buffer()
        #expect(buffer.wait(at: start) == nil)
        _ = try buffer.append(event("a"), position: at("1"))
        #expect(buffer.wait(at: start) == .zero)
        _ = buffer.take(at: start)
        #expect(buffer.wait(at: start) == nil)
        _ = try buffer.append(event("b"), position: at("2"))
        #expect(buffer.wait(at: start + .milliseconds(5)) == .milliseconds(20))
        _ = try buffer.append(event("c"), position: at("3"))
        #expect(buffer.wait(at: start + .milliseconds(24)) == .milliseconds(1))
        #expect(buffer.wait(at: start + .milliseconds(25)) == .zero)
        #expect(buffer.wait(at: start + .seconds(9)) == .zero)
    }

    @Test func nothingWaitsForCompanyThatThereIsNoRoomFor() throws {
        var buffer = buffer(events: 1)
        _ = try buffer.append(event("a"), position: at("1"))
        _ = buffer.take(at: start)
        _ = try buffer.append(event("b"), position: at("2"))
        #expect(buffer.wait(at: start) == .milliseconds(25))
        _ = try buffer.append(event("c"), position: at("3"))
        #expect(buffer.wait(at: start) == .zero)
        _ = buffer.take(at: start)
        _ = buffer.reach(at("3"), mustGoOut: true, at: start)
        #expect(buffer.wait(at: start) == .milliseconds(25))
        // Another stretch waits for this one to be out.
        _ = buffer.reach(at("4", since: 30), mustGoOut: true, at: start)
        #expect(buffer.wait(at: start) == .zero)
    }

    @Test func theEndOfAStretchGoesOutBeforeTheNextBegins() throws {
        var buffer = buffer()
        _ = try buffer.append(event("a"), position: at("1", until: 10))
        _ = buffer.take(at: start)
        let isReached = buffer.reach(at("2", until: 20), mustGoOut: false, at: start)
        #expect(isReached && !buffer.isReady)
        // In the middle of a list nothing is said of any stretch.
        let isTaken = try buffer.append(event("listed"), position: nil)
        #expect(isTaken)
        let early = buffer.reach(at("3", since: 30, until: 30), mustGoOut: true, at: start)
        #expect(!early && buffer.isReady)
        let tooEarly = try buffer.append(event("b"), position: at("3", since: 30, until: 30))
        #expect(!tooEarly)
        #expect(buffer.take(at: start).position == at("2", until: 20))
        let late = buffer.reach(at("3", since: 30, until: 30), mustGoOut: true, at: start)
        #expect(late)
        #expect(buffer.take(at: start).position == at("3", since: 30, until: 30))
    }
}
