import TestSupport
import Testing

@testable import Spool

@Suite("A full spool") struct FullSpoolTests {
    @Test func refusesAndHasRoomAgainAfterAnAcknowledgement() async throws {
        let setting = try SpoolSetting(maxBytes: 64 << 10)
        try await setting.open().use { spool in
            var taken = 0
            await #expect {
                while true {
                    try await spool.append(.numbered(taken, bytes: 1000))
                    taken += 1
                }
            } throws: { error in
                guard case .full(let bytes, let limit) = error as? SpoolError else { return false }
                return bytes <= limit && limit == 64 << 10
            }
            #expect(taken > 50)
            #expect(spool.status.isFull)
            #expect(spool.status.bytes <= 64 << 10)

            let retried = taken
            async let waiting: Void = {
                await spool.waitForRoom()
                try await spool.append(.numbered(retried, bytes: 1000))
            }()
            await spool.acknowledge(try #require(try await spool.next(maxEvents: 20)))
            try await within(.seconds(30), "room in the spool") { [waiting] in waiting }
            #expect(!spool.status.isFull)
            #expect(try await spool.drain().map(\.number) == Array(20...taken))
        }
    }

    @Test func doesNotLetWaitForWhatIsThereAlready() async throws {
        let setting = try SpoolSetting(maxBytes: 64 << 10)
        try await setting.open().use { spool in
            await spool.waitForRoom()
            try await spool.append(.numbered(1, bytes: 40_000))
            await #expect(throws: SpoolError.self) { try await spool.append(.numbered(2, bytes: 40_000)) }
            // Room comes between the refusal and the wait.
            _ = try await spool.drain()
            await spool.waitForRoom()
            try await spool.append(.numbered(2, bytes: 40_000))
        }
    }

    @Test func waitingForRoomEndsWithTheTask() async throws {
        let setting = try SpoolSetting(maxBytes: 64 << 10)
        try await setting.open().use { spool in
            try await spool.append(.numbered(1, bytes: 40_000))
            await #expect(throws: SpoolError.self) { try await spool.append(.numbered(2, bytes: 40_000)) }
            let waiting = Task { await spool.waitForRoom() }
            waiting.cancel()
            await waiting.value
        }
    }

    @Test func saysOfARecordThatItFitsNever() async throws {
        let setting = try SpoolSetting(maxBytes: 64 << 10)
        try await setting.open().use { spool in
            await #expect {
                try await spool.append(.numbered(1, bytes: 60_000))
            } throws: { error in
                guard case .tooLarge(_, let limit) = error as? SpoolError else { return false }
                return (40_000...50_000).contains(limit)
            }
            #expect(!spool.status.isFull)
        }
    }
}
