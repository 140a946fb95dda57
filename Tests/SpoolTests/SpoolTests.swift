import Coverage
import TestSupport
import Testing

@testable import Spool

@Suite("The spool") struct SpoolTests {
    @Test func givesBackWhatItTookAfterARestart() async throws {
        let setting = try SpoolSetting()
        let records = SpoolRecordTests.records
        try await setting.open().use { spool in
            for record in records { try await spool.append(record) }
        }
        try await setting.open().use { spool in
            #expect(spool.status.records == records.count)
            let batch = try #require(try await spool.next())
            #expect(batch.records == records)
            // Not acknowledged: the same once more.
            #expect(try await spool.next() == batch)
            await spool.acknowledge(batch)
            #expect(spool.status.isEmpty)
        }
        #expect(try setting.segments().isEmpty)
    }

    @Test func theDirectoryIsForItsOwnerOnly() async throws {
        let setting = try SpoolSetting()
        try await setting.open().use { _ in
            let attributes = try Permissions(of: setting.directory)
            #expect(attributes.mode == 0o700)
        }
    }

    @Test func keepsTheOrderOverManySegments() async throws {
        let setting = try SpoolSetting(maxBytes: 1 << 20)
        try await setting.open().use { spool in
            for number in 0..<800 { try await spool.append(.numbered(number, bytes: 1000)) }
            #expect(try setting.segments().count > 5)
        }
        try await setting.open().use { spool in
            for number in 800..<820 { try await spool.append(.numbered(number, bytes: 1000)) }
            let drained = try await spool.drain(maxEvents: 33)
            #expect(drained.map(\.number) == Array(0..<820))
            #expect(spool.status.bytes == 0)
        }
    }

    @Test func deletesSegmentsAsTheyAreDrained() async throws {
        let setting = try SpoolSetting(maxBytes: 1 << 20)
        try await setting.open().use { spool in
            for number in 0..<800 { try await spool.append(.numbered(number, bytes: 1000)) }
            let before = try setting.segments()
            for _ in 0..<4 { await spool.acknowledge(try #require(try await spool.next(maxEvents: 100))) }
            let after = try setting.segments()
            #expect(after.count < before.count)
            #expect(after == before.suffix(after.count))
        }
        // What was acknowledged in the first segment that is left comes again, and nothing is missing.
        try await setting.open().use { spool in
            let numbers = try await spool.drain().compactMap(\.number)
            #expect(numbers == Array((numbers.first ?? 0)..<800))
            #expect((1...400).contains(numbers.first ?? 0))
        }
    }

    @Test func handsOutNoMoreThanWasAskedFor() async throws {
        let setting = try SpoolSetting()
        try await setting.open().use { spool in
            for number in 0..<30 { try await spool.append(.numbered(number, bytes: 1000, bodies: 10)) }
            let byEvents = try #require(try await spool.next(maxEvents: 35, maxBytes: 1 << 20))
            #expect(byEvents.records.count == 3)
            let byBytes = try #require(try await spool.next(maxEvents: 1000, maxBytes: 50_000))
            #expect(byBytes.records.count == 4)
            // One in any case, or it would never go.
            let one = try #require(try await spool.next(maxEvents: 1, maxBytes: 1))
            #expect(one.records.map(\.number) == [0])
        }
    }

    @Test func waitsForARecord() async throws {
        let setting = try SpoolSetting()
        try await setting.open().use { spool in
            async let batch = spool.next()
            try await spool.append(.numbered(1))
            #expect(try await batch?.records.map(\.number) == [1])
        }
    }

    @Test func endsTheWaitingOfACancelledTaskAndOfAClosedSpool() async throws {
        let setting = try SpoolSetting()
        let spool = try await setting.open()
        let cancelled = Task { try await spool.next() }
        cancelled.cancel()
        #expect(try await cancelled.value == nil)
        // A later drain is not disturbed by that.
        async let batch = spool.next()
        try await spool.append(.numbered(1))
        await spool.acknowledge(try #require(try await batch))
        async let last = spool.next()
        await spool.close()
        #expect(try await last == nil)
        await #expect(throws: SpoolError.closed) { try await spool.append(.numbered(2)) }
    }

    @Test func manyAppendersAtOnceLoseNothing() async throws {
        let setting = try SpoolSetting(maxBytes: 1 << 20)
        try await setting.open().use { spool in
            try await withThrowingTaskGroup { group in
                for namespace in 0..<20 {
                    group.addTask {
                        for number in 0..<20 {
                            try await spool.append(.numbered(number, in: "n\(namespace)", bytes: 500))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await setting.open().use { spool in
            #expect(spool.lastPositions.count == 20)
            let drained = try await spool.drain()
            for namespace in 0..<20 {
                let numbers = drained.filter { $0.namespace == "n\(namespace)" }.map(\.number)
                #expect(numbers == Array(0..<20))
            }
        }
    }

    @Test func knowsTheLastPositionOfEachNamespace() async throws {
        let setting = try SpoolSetting()
        try await setting.open().use { spool in
            try await spool.append(.numbered(1, in: "a"))
            try await spool.append(.numbered(2))
            try await spool.append(.numbered(3, in: "a"))
            try await spool.append(SpoolRecord(namespace: "a", position: nil, bodies: []))
            #expect(spool.lastPosition(namespace: "a") == .at(3))
        }
        try await setting.open().use { spool in
            #expect(spool.lastPositions == ["a": .at(3), nil: .at(2)])
            await spool.acknowledge(try #require(try await spool.next(maxEvents: 2)))
            #expect(spool.lastPosition(namespace: nil) == nil)
            #expect(spool.lastPosition(namespace: "a") == .at(3))
            _ = try await spool.drain()
            #expect(spool.lastPositions.isEmpty)
        }
    }

    @Test func tellsHowLongTheOldestRecordWaits() async throws {
        let setting = try SpoolSetting()
        let before = wallClock()
        let oldest = try await setting.open().use { spool in
            #expect(spool.status.oldestAppendedAt == nil)
            try await spool.append(.numbered(1))
            try await spool.append(.numbered(2))
            return try #require(spool.status.oldestAppendedAt)
        }
        #expect((before...wallClock()).contains(oldest))
        try await setting.open().use { spool in
            #expect(spool.status.oldestAppendedAt == oldest)
            #expect(spool.status.oldestAge(at: oldest + 1500) == .microseconds(1500))
            #expect(spool.status.oldestAge(at: oldest - 1500) == .zero)
            await spool.acknowledge(try #require(try await spool.next(maxEvents: 1)))
            #expect(try #require(spool.status.oldestAppendedAt) >= oldest)
            _ = try await spool.drain()
            #expect(spool.status.oldestAppendedAt == nil)
        }
    }

    @Test func isForOneProcess() async throws {
        let setting = try SpoolSetting()
        try await setting.open().use { _ in
            await #expect(throws: SpoolError.inUse(directory: setting.directory)) { _ = try await setting.open() }
        }
        try await setting.open().use { _ in }
    }

    @Test func refusesTheEventsOfAnotherCluster() async throws {
        var setting = try SpoolSetting()
        try await setting.open().use { try await $0.append(.numbered(1)) }
        let file = setting.directory + "/0000000000000001.spool"
        setting.cluster = "staging"
        await #expect(throws: SpoolError.otherCluster(file: file, found: "prod", expected: "staging")) {
            _ = try await setting.open()
        }
        // Nothing was touched, and the lock is free.
        setting.cluster = "prod"
        let numbers = try await setting.open().use { try await $0.drain().map(\.number) }
        #expect(numbers == [1])
    }

    @Test func refusesWhatANewerProgramWrote() async throws {
        let setting = try SpoolSetting()
        try await setting.open().use { try await $0.append(.numbered(1)) }
        let name = try #require(try setting.segments().first)
        var content = try setting.content(of: name)
        content[8] = 9
        try setting.replace(name, with: content)
        await #expect(throws: SpoolError.unknownVersion(file: setting.directory + "/" + name, version: 9)) {
            _ = try await setting.open()
        }
    }
}
