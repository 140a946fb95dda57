import Coverage
import Testing

@Suite("The order of resourceVersions")
struct ResourceVersionTests {
    @Test(arguments: [
        ("1", "2", true), ("2", "1", false), ("7", "7", false), ("9", "10", true), ("10", "9", false),
        ("99999999999999999999", "100000000000000000000", true), ("0", "1", true),
    ])
    func decimalsAreOrdered(version: String, other: String, isOlder: Bool) {
        #expect(ResourceVersion.isOlder(version, than: other) == isOlder)
    }

    @Test(arguments: ["", "abc", "01", "-1", "1.5", "1 "])
    func anythingElseIsNot(version: String) {
        #expect(ResourceVersion.isOlder(version, than: "5") == nil)
        #expect(ResourceVersion.isOlder("5", than: version) == nil)
    }

    @Test func aLaterPositionSupersedesWhateverItsVersion() {
        func position(_ version: String, until: Int64) -> WatchPosition {
            WatchPosition(
                resourceVersion: version,
                stretch: CoverageStretch(since: 0, until: until, cause: .first)
            )
        }
        #expect(position("5", until: 20).supersedes(position("900", until: 10)))
        #expect(position("900", until: 10).supersedes(position("5", until: 20)))
        #expect(!position("5", until: 10).supersedes(position("900", until: 10)))
        #expect(!position("5", until: 10).supersedes(position("5", until: 10)))
    }
}
