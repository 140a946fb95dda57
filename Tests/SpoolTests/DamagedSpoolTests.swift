import Coverage
import TestSupport
import Testing

@testable import Spool

@Suite("A spool on a disk that did not keep everything") struct DamagedSpoolTests {
    /// A spool with records 0..<count in one segment, and where each of them ends.
    private func oneSegment(_ setting: SpoolSetting, records: Int) async throws -> (content: [UInt8], ends: [Int]) {
        var ends: [Int] = []
        try await setting.open().use { spool in
            for number in 0..<records {
                try await spool.append(.numbered(number))
                ends.append(spool.status.bytes)
            }
        }
        return (try setting.content(of: "0000000000000001.spool"), ends)
    }

    /// Three segments with the records 0..<3, 3..<6 and 6..<9: each start begins a segment.
    private func threeSegments(_ setting: SpoolSetting) async throws {
        for start in [0, 3, 6] {
            try await setting.open().use { spool in
                for number in start..<(start + 3) { try await spool.append(.numbered(number)) }
            }
        }
        #expect(try setting.segments().count == 3)
    }

    @Test func aTornTailIsCutOffAtWhateverByte() async throws {
        let setting = try SpoolSetting()
        let (content, ends) = try await oneSegment(setting, records: 3)
        #expect(content.count == ends[2])
        for length in ends[1]..<ends[2] {
            try setting.replace("0000000000000001.spool", with: Array(content[..<length]))
            try await setting.open().use { spool in
                #expect(try await spool.next()?.records.map(\.number) == [0, 1])
                #expect(spool.lastPosition(namespace: nil) == .at(1))
                // And what comes after it follows.
                try await spool.append(.numbered(7))
                #expect(try await spool.next()?.records.map(\.number) == [0, 1, 7])
            }
            #expect(try setting.content(of: "0000000000000001.spool") == Array(content[..<ends[1]]))
            try setting.files.remove(try #require(try setting.segments().last))
        }
        #expect(try setting.names(".corrupt").isEmpty)
    }

    @Test func aSegmentThatHadJustBegunIsNone() async throws {
        let setting = try SpoolSetting()
        let (content, _) = try await oneSegment(setting, records: 1)
        let header = SegmentHeader(cluster: "prod").size
        for beginning in (0...header).map({ Array(content[..<$0]) }) + [Array(repeating: 0, count: 100)] {
            _ = try? setting.files.create("0000000000000001.spool")
            try setting.replace("0000000000000001.spool", with: beginning)
            try await setting.open().use { #expect($0.status.isEmpty && $0.status.bytes == 0) }
            #expect(try setting.segments().isEmpty)
        }
    }

    @Test func aTailOfZerosOrOfALostPageIsTorn() async throws {
        let setting = try SpoolSetting()
        let (content, ends) = try await oneSegment(setting, records: 3)
        let zeros = content[..<ends[1]] + Array(repeating: 0, count: 5000)
        let lostPage = content[..<(ends[2] - 10)] + Array(repeating: 0, count: 10)
        for tail in [zeros, lostPage] {
            try setting.replace("0000000000000001.spool", with: Array(tail))
            let batch = try await setting.open().use { try await $0.next() }
            #expect(batch?.records.map(\.number) == [0, 1])
        }
        #expect(try setting.names(".corrupt").isEmpty)
    }

    @Test func aFlippedBitCostsTheRestOfItsSegmentAndIsSetAside() async throws {
        let setting = try SpoolSetting()
        try await threeSegments(setting)
        let name = "0000000000000002.spool"
        var content = try setting.content(of: name)
        let record = (content.count - SegmentHeader(cluster: "prod").size) / 3
        content[content.count - record - 5] ^= 0x10  // In the payload of record 4.
        try setting.replace(name, with: content)
        let batch = try await setting.open().use { try await $0.next() }
        #expect(batch?.records.map(\.number) == [0, 1, 2, 3, 6, 7, 8])
        let setAside = try #require(try setting.names(".corrupt").first)
        #expect(try setting.content(of: setAside) == Array(content.suffix(2 * record)))
        // It is told of once.
        try await setting.open().use { _ in }
        #expect(try setting.names(".corrupt").count == 1)
    }

    @Test func theRecordsBehindTheHoleDoNotVouchForWhatIsGone() async throws {
        let setting = try SpoolSetting()
        try await threeSegments(setting)
        var content = try setting.content(of: "0000000000000002.spool")
        content[content.count - 3] ^= 1  // Record 5 ends the segment; but it is not the last one.
        try setting.replace("0000000000000002.spool", with: content)
        let expected: [WatchPosition] = [
            .at(0), .at(1), .at(2), .at(3), .at(4),
            .at(6, since: 6, .unreadable), .at(7, since: 6, .unreadable), .at(8, since: 6, .unreadable),
        ]
        try await setting.open().use { spool in
            #expect(spool.lastPosition(namespace: nil) == expected.last)
            let batch = try await spool.next()
            #expect(batch?.records.map(\.position) == expected)
        }
        // The hole itself is gone now; then also the segments before it.
        try await setting.open().use { spool in
            #expect(spool.lastPosition(namespace: nil) == expected.last)
            let batch = try #require(try await spool.next(maxEvents: 5))
            #expect(batch.records.map(\.position) == Array(expected[..<5]))
            await spool.acknowledge(batch)
        }
        let rest = try await setting.open().use { try await $0.drain() }
        #expect(rest.map(\.position) == Array(expected[5...]))
        #expect(try setting.files.names().contains("damage") == false)
    }

    @Test func aDamagedLengthAllocatesNothingAndLosesNoOtherSegment() async throws {
        let setting = try SpoolSetting()
        try await threeSegments(setting)
        for name in try setting.segments() {
            var content = try setting.content(of: name)
            // The length of the first record says 4 GB.
            let start = SegmentHeader(cluster: "prod").size
            content.replaceSubrange(start..<(start + 4), with: [0xff, 0xff, 0xff, 0xff])
            try setting.replace(name, with: content)
        }
        try await setting.open().use { #expect($0.status.isEmpty) }
        #expect(try setting.names(".corrupt").count == 3)
        #expect(try setting.segments().isEmpty)
    }

    @Test func whatIsSetAsideIsBoundedAndCounts() async throws {
        let setting = try SpoolSetting()
        for round in 0..<7 {
            try await setting.open().use { try await $0.append(.numbered(round)) }
            let name = try #require(try setting.segments().last)
            var content = try setting.content(of: name)
            content[0] ^= 1
            try setting.replace(name, with: content)
        }
        try await setting.open().use { spool in
            #expect(spool.status.isEmpty)
            #expect(spool.status.bytes > 0)
        }
        #expect(try setting.names(".corrupt").count == 4)
    }

    @Test func whatRotsWhileTheSpoolIsOpenIsNeitherHandedOutNorSkipped() async throws {
        let setting = try SpoolSetting()
        try await setting.open().use { spool in
            for number in 0..<3 { try await spool.append(.numbered(number)) }
            let name = try #require(try setting.segments().first)
            var content = try setting.content(of: name)
            let offset = content.count - (content.count - SegmentHeader(cluster: "prod").size) / 3
            content[content.count - 1] ^= 1
            try setting.replace(name, with: content)
            let batch = try #require(try await spool.next())
            #expect(batch.records.map(\.number) == [0, 1])
            await spool.acknowledge(batch)
            await #expect(throws: SpoolError.damaged(file: setting.directory + "/" + name, offset: offset)) {
                try await spool.next()
            }
        }
    }
}
