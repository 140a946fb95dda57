import Coverage
import JSON
import TestSupport
import Testing

@testable import Watch

@Suite(.timeLimit(.minutes(1))) struct WatchBatchChannelTests {
    private func event(_ number: Int) throws -> JSONValue {
        try JSONDocument(parsing: Array("{\"n\":\(number)}".utf8)).root
    }

    private func at(_ version: String, since: Int64 = 0) -> WatchPosition {
        WatchPosition(resourceVersion: version, stretch: CoverageStretch(since: since, until: since, cause: .first))
    }

    private func channel(events: Int = 10) -> WatchBatchChannel {
        var options = WatchOptions()
        options.batchEvents = events
        return WatchBatchChannel(namespace: "ns", options: options)
    }

    private func numbers(_ batch: WatchBatch?) -> [Int64] { (batch?.objects ?? []).compactMap { $0["n"]?.int64 } }

    @Test func nothingIsLostAndOrderIsKeptThroughASmallBuffer() async throws {
        let channel = channel(events: 3)
        let events = try (0..<1000).map(event)
        async let reading: Void = {
            for (number, event) in events.enumerated() { try await channel.append(event, position: at("\(number)")) }
            channel.finish()
        }()
        var found: [Int64] = []
        while let batch = await channel.next() {
            #expect(batch.objects.count <= 3 && batch.namespace == "ns")
            found += numbers(batch)
            #expect(batch.position?.resourceVersion == found.last.map { "\($0)" })
        }
        try await reading
        #expect(found == Array(0..<1000))
    }

    @Test func whatCameWhileTheSinkWasBusyIsOneBatch() async throws {
        let channel = channel()
        for number in 0..<5 { try await channel.append(event(number), position: at("\(number)")) }
        #expect(numbers(await channel.next()) == [0, 1, 2, 3, 4])
    }

    @Test func whatComesSoonAfterABatchGathersUntilTheIntervalIsOver() async throws {
        let clock = Observed((now: ContinuousClock.now, slept: [Duration]()))
        let another = try event(3)
        let arriving = Observed(WatchBatchChannel?.none)
        let channel = WatchBatchChannel(
            namespace: nil,
            options: WatchOptions(),
            now: { clock.value.now },
            sleep: { duration in
                try await arriving.value?.append(another, position: nil)
                clock.change {
                    $0.now += duration
                    $0.slept.append(duration)
                }
            }
        )
        try await channel.append(event(1), position: at("1"))
        #expect(numbers(await channel.next()) == [1])
        #expect(clock.value.slept.isEmpty)
        clock.change { $0.now += .milliseconds(10) }
        try await channel.append(event(2), position: at("2"))
        arriving.change { $0 = channel }
        #expect(numbers(await channel.next()) == [2, 3])
        #expect(clock.value.slept == [.milliseconds(15)])
        arriving.change { $0 = nil }
        clock.change { $0.now += .milliseconds(25) }
        try await channel.append(event(4), position: at("4"))
        #expect(numbers(await channel.next()) == [4])
        #expect(clock.value.slept == [.milliseconds(15)])
    }

    @Test func atTheEndNothingWaitsForCompany() async throws {
        let channel = WatchBatchChannel(
            namespace: nil,
            options: WatchOptions(),
            sleep: { _ in throw CancellationError() }
        )
        try await channel.append(event(1), position: at("1"))
        _ = await channel.next()
        try await channel.append(event(2), position: at("2"))
        channel.finish()
        #expect(numbers(await channel.next()) == [2])
    }

    @Test func atTheEndWhatIsThereIsStillHandedOut() async throws {
        let channel = channel()
        try await channel.append(event(1), position: at("1"))
        _ = await channel.next()
        try await channel.reach(at("2"))
        channel.finish()
        let last = await channel.next()
        #expect(last?.position?.resourceVersion == "2")
        #expect(await channel.next() == nil)
    }

    @Test func cancellingFreesWhoWaitsForRoom() async throws {
        let channel = channel(events: 1)
        try await channel.append(event(0))
        let second = try event(1)
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do throws(CancellationError) {
                    try await channel.append(second)
                    return false
                } catch {
                    return true
                }
            }
            group.cancelAll()
            #expect(await group.next() == true)
        }
    }

    @Test func cancellingFreesWhoWaitsForEvents() async {
        let channel = channel()
        await withTaskGroup(of: WatchBatch?.self) { group in
            group.addTask { await channel.next() }
            group.cancelAll()
            #expect(await group.next() == .some(nil))
        }
    }

    @Test func aCancelledTaskGetsNothingThoughSomethingIsThere() async throws {
        let channel = channel()
        try await channel.append(event(1), position: at("1"))
        await withTaskGroup(of: WatchBatch?.self) { group in
            group.cancelAll()
            group.addTask { await channel.next() }
            #expect(await group.next() == .some(nil))
        }
    }

    @Test func whoWaitsIsToldOfItAndAnotherStretchWaitsForTheOneBefore() async throws {
        let channel = channel()
        try await channel.reach(at("1"))
        let isHeldBack = Observed<[Bool]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await channel.reach(at("2", since: 5), mustGoOut: true) { held in
                    isHeldBack.change { $0.append(held) }
                }
            }
            try await isHeldBack.wait { $0 == [true] }
            #expect(await channel.next()?.position == at("1"))
            try await group.waitForAll()
        }
        #expect(isHeldBack.value == [true, false])
        #expect(await channel.next()?.position == at("2", since: 5))
    }
}
