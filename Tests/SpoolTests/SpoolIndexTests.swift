import Coverage
import Testing

@testable import Spool

@Suite("The index of the spool") struct SpoolIndexTests {
    private func place(_ segment: UInt64, _ offset: Int, _ sequence: UInt64) -> SpoolIndex.Place {
        SpoolIndex.Place(segment: segment, offset: offset, sequence: sequence)
    }

    /// Segment 1 with two records of 100 bytes, segment 2 with one; headers of 20 bytes.
    private func threeRecords() -> SpoolIndex {
        var index = SpoolIndex(maxBytes: 80_000, nextNumber: 1)
        index.began(1, headerBytes: 20)
        index.appended(bytes: 100, namespace: "a", position: .at(1))
        index.appended(bytes: 100, namespace: "b", position: .at(2))
        index.began(2, headerBytes: 20)
        index.appended(bytes: 100, namespace: "a", position: nil)
        return index
    }

    @Test func countsWhatLiesThere() {
        let index = threeRecords()
        #expect(index.bytes == 340)
        #expect(index.records == 3)
        #expect(index.nextNumber == 3)
        #expect(index.oldest == place(1, 20, 0))
    }

    @Test func readsOnInTheNextSegment() throws {
        let index = threeRecords()
        let second = try #require(index.place(after: index.oldest, bytes: 100))
        let third = try #require(index.place(after: second, bytes: 100))
        #expect(third == place(1, 220, 2))
        #expect(index.readable(third) == place(2, 20, 2))
        let end = try #require(index.place(after: place(2, 20, 2), bytes: 100))
        #expect(index.readable(end) == nil)
        #expect(index.place(after: end, bytes: 100) == nil)
    }

    @Test func deletesASegmentWhenItsLastRecordIsAcknowledged() {
        var index = threeRecords()
        #expect(index.acknowledge(upTo: place(1, 120, 1)).isEmpty)
        #expect(index.acknowledge(upTo: place(1, 220, 2)).map(\.number) == [1])
        #expect(index.oldest == place(2, 20, 2))
        #expect(index.acknowledge(upTo: place(2, 120, 3)).map(\.number) == [2])
        #expect(index.segments.isEmpty && index.records == 0 && index.bytes == 0)
    }

    @Test func anOldAcknowledgementChangesNothing() {
        var index = threeRecords()
        _ = index.acknowledge(upTo: place(1, 220, 2))
        let before = index
        #expect(index.acknowledge(upTo: place(1, 120, 1)).isEmpty)
        #expect(index == before)
    }

    @Test func goesOnAfterEverythingWasAcknowledged() {
        var index = threeRecords()
        _ = index.acknowledge(upTo: place(2, 120, 3))
        index.began(index.nextNumber, headerBytes: 20)
        index.appended(bytes: 50, namespace: nil, position: nil)
        #expect(index.readable(index.oldest) == place(3, 20, 3))
        #expect(index.records == 1)
    }

    @Test func thePositionsAreThoseThatAreNotAcknowledged() {
        var index = threeRecords()
        #expect(index.positions == ["a": .at(1), "b": .at(2)])
        _ = index.acknowledge(upTo: place(1, 120, 1))
        #expect(index.positions == ["b": .at(2)])
        _ = index.acknowledge(upTo: place(1, 220, 2))
        #expect(index.positions.isEmpty)
    }

    @Test func admitsByTheBytesOfASegmentAndOfTheWhole() {
        var index = SpoolIndex(maxBytes: 8000, nextNumber: 1)
        func admission(of bytes: Int, unsynced: Int = 0, isWriting: Bool = true) -> SpoolIndex.Admission {
            index.admission(of: bytes, headerBytes: 20, isWriting: isWriting, unsynced: unsynced)
        }
        #expect(admission(of: 10, isWriting: false) == .writeToNewSegment)
        index.began(1, headerBytes: 20)
        #expect(admission(of: 5000) == .write)  // Alone in a segment of 1000.
        #expect(admission(of: 980) == .write)
        #expect(admission(of: 980, unsynced: 1) == .writeToNewSegment)
        // What a quarter for damaged pieces leaves.
        #expect(admission(of: 5980) == .write)
        #expect(admission(of: 5981) == .refuseTooLarge(limit: 5980))
        index.appended(bytes: 5000, namespace: nil, position: nil)
        #expect(admission(of: 2960) == .writeToNewSegment)
        #expect(admission(of: 2961) == .refuseFull)
        index.otherBytes = 100
        #expect(admission(of: 2861) == .refuseFull)
    }

    @Test func aSegmentWithoutARecordIsDropped() {
        var index = threeRecords()
        #expect(index.dropEmptyTail() == nil)
        index.began(3, headerBytes: 20)
        #expect(index.dropEmptyTail()?.number == 3)
        #expect(index.segments.map(\.number) == [1, 2])
    }
}
