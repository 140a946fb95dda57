import Coverage
import EventWriter
import Testing

@testable import Archiving

@Suite("A batch for one transaction")
struct ArchiveBatchTests {
    private func position(_ version: String, since: Int64, until: Int64) -> WatchPosition {
        WatchPosition(
            resourceVersion: version,
            stretch: CoverageStretch(since: since, until: until, cause: .expired)
        )
    }

    @Test func theEndOfEachStretchCounts() {
        var batch = ArchiveBatch()
        batch.reach(position("1", since: 0, until: 1), in: nil)
        batch.reach(nil, in: nil)
        batch.reach(position("5", since: 3, until: 4), in: "shop")
        batch.reach(position("2", since: 0, until: 2), in: nil)
        batch.reach(position("9", since: 8, until: 9), in: nil)
        batch.reach(position("6", since: 3, until: 5), in: "shop")
        #expect(batch.cursors.map(\.position.resourceVersion) == ["2", "9", "6"])
        #expect(batch.cursors.map(\.namespace) == [nil, nil, "shop"])
    }
}
