import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Spool

@Suite("A spool on a disk that fails") struct FailingDiskTests {
    private func open() async throws -> (SpoolSetting, FailingFiles, Spool) {
        let setting = try SpoolSetting()
        let files = FailingFiles(directory: setting.directory)
        return (setting, files, try await setting.open(on: files))
    }

    /// What comes out after a start on a disk without faults.
    private func numbersAfterRestart(_ setting: SpoolSetting) async throws -> [Int] {
        try await setting.open().use { try await $0.drain().compactMap(\.number) }
    }

    @Test func cutsOffWhatAFullDiskTookInPart() async throws {
        let (setting, files, spool) = try await open()
        try await spool.append(.numbered(0, bytes: 1000))
        let content = try setting.content(of: "0000000000000001.spool")
        for room in [0, 1, 23, 24, 500] {
            files.set { $0.room = room }
            await #expect { try await spool.append(.numbered(1, bytes: 1000)) } throws: { error in
                (error as? SpoolError)?.isDiskFull == true && (error as? SpoolError)?.isRetryable == true
            }
            #expect(try setting.content(of: "0000000000000001.spool") == content)
        }
        files.heal()
        try await spool.append(.numbered(1, bytes: 1000))
        #expect(try setting.segments().count == 1)
        await spool.close()
        #expect(try await numbersAfterRestart(setting) == [0, 1])
    }

    @Test func aSegmentThatCannotBeCutBackTakesNoMore() async throws {
        let (setting, files, spool) = try await open()
        try await spool.append(.numbered(0, bytes: 1000))
        files.set {
            $0.room = 100
            $0.truncateFails = true
        }
        await #expect(throws: SpoolError.self) { try await spool.append(.numbered(1, bytes: 1000)) }
        files.heal()
        try await spool.append(.numbered(1, bytes: 1000))
        #expect(try setting.segments().count == 2)
        #expect(try await spool.drain().map(\.number) == [0, 1])
        await spool.close()
    }

    @Test func afterAFailedSyncNothingIsTrustedThatWasNotSafeBefore() async throws {
        let (setting, files, spool) = try await open()
        try await spool.append(.numbered(0))
        let content = try setting.content(of: "0000000000000001.spool")
        files.set { $0.syncFails = true }
        await #expect(throws: SpoolError.disk(.injected("sync", 5))) { try await spool.append(.numbered(1)) }
        #expect(spool.status.records == 1)
        #expect(spool.lastPosition(namespace: nil) == .at(0))
        #expect(try setting.content(of: "0000000000000001.spool") == content)
        files.heal()
        try await spool.append(.numbered(1))
        #expect(try setting.segments() == ["0000000000000001.spool", "0000000000000002.spool"])
        await spool.close()
        #expect(try await numbersAfterRestart(setting) == [0, 1])
    }

    @Test func aDiskThatKeepsFailingLeavesNoFilesBehind() async throws {
        let (setting, files, spool) = try await open()
        for fault: @Sendable (inout FailingFiles.Faults) -> Void in [
            { $0.syncFails = true }, { $0.createFails = true }, { $0.directorySyncFails = true }, { $0.room = 3 },
        ] {
            files.set(fault)
            for _ in 0..<5 {
                await #expect(throws: SpoolError.self) { try await spool.append(.numbered(0)) }
            }
            files.heal()
            #expect(try setting.segments().isEmpty)
            #expect(spool.status.isEmpty && spool.status.bytes == 0)
        }
        try await spool.append(.numbered(0))
        #expect(try await spool.drain().map(\.number) == [0])
        await spool.close()
    }

    @Test func whatCannotBeDeletedCountsUntilItCan() async throws {
        let (setting, files, spool) = try await open()
        try await spool.append(.numbered(0))
        let bytes = spool.status.bytes
        files.set { $0.removeFails = true }
        #expect(try await spool.drain().map(\.number) == [0])
        #expect(spool.status.bytes == bytes && spool.status.isEmpty)
        files.heal()
        try await spool.append(.numbered(1))
        #expect(try await spool.drain().map(\.number) == [1])
        #expect(spool.status.bytes == 0)
        #expect(try setting.segments().isEmpty)
        await spool.close()
    }

    @Test func appendsThatWaitTogetherShareASync() async throws {
        let (setting, files, spool) = try await open()
        // The first sync takes until all the others have come.
        let isSyncing = Observed(false)
        let gate = DispatchSemaphore(value: 0)
        files.beforeSync.withLock {
            $0 = {
                isSyncing.change { $0 = true }
                gate.wait()
            }
        }
        try await withThrowingTaskGroup { group in
            defer { gate.signal() }
            group.addTask { try await spool.append(.numbered(0)) }
            try await isSyncing.wait { $0 }
            for number in 1..<100 { group.addTask { try await spool.append(.numbered(number)) } }
            try await eventually("the other appends", ask: { spool.waitingAppends }, until: { $0 == 99 })
            files.beforeSync.withLock { $0 = nil }
            gate.signal()
            try await group.waitForAll()
        }
        #expect(spool.status.records == 100)
        #expect(files.syncs.withLock { $0 } <= 3)
        await spool.close()
        #expect(try await numbersAfterRestart(setting).sorted() == Array(0..<100))
    }

    @Test func aFailedSyncFailsAllThatSharedIt() async throws {
        let setting = try SpoolSetting()
        let files = FailingFiles(directory: setting.directory)
        var store = try SpoolStore.open(
            files,
            directory: setting.directory,
            maxBytes: 1 << 20,
            cluster: "prod",
            logger: .silent,
            metrics: SpoolMetrics()
        )
        let entries = (0..<3).map { SpoolEntry(.numbered($0), appendedAt: 0) }
        #expect(store.commit(entries).allSatisfy { (try? $0.get()) != nil })
        #expect(files.syncs.withLock { $0 } == 1)
        files.set { $0.syncFails = true }
        #expect(store.commit(entries).allSatisfy { (try? $0.get()) == nil })
        #expect(store.index.records == 3)
        store.close()
    }
}
