import Testing

@testable import Formats

@Suite("Ages as kubectl tells them")
struct HumanDurationTests {
    /// What HumanDuration of k8s.io/apimachinery gives for these seconds; its own test has most of them.
    static let ages: [(Int64, String)] = [
        (-2, "<invalid>"), (-1, "0s"), (0, "0s"), (1, "1s"), (70, "70s"), (119, "119s"), (120, "2m"), (190, "3m10s"),
        (599, "9m59s"), (600, "10m"), (2_830, "47m"), (10_799, "179m"), (10_800, "3h"), (13_800, "3h50m"),
        (28_799, "7h59m"), (28_800, "8h"), (90_000, "25h"), (172_799, "47h"), (172_800, "2d"), (187_200, "2d4h"),
        (604_800, "7d"), (691_199, "7d23h"), (691_200, "8d"), (31_536_000, "365d"), (63_071_999, "729d"),
        (63_072_000, "2y"), (63_158_400, "2y1d"), (252_287_999, "7y364d"), (252_288_000, "8y"), (630_720_000, "20y"),
    ]

    @Test(arguments: ages) func anAge(seconds: Int64, text: String) {
        #expect(HumanDuration.text(microseconds: seconds * 1_000_000) == text)
    }

    @Test func partsOfASecondAreCutOffTowardsZero() {
        #expect(HumanDuration.text(microseconds: 1_999_999) == "1s")
        #expect(HumanDuration.text(microseconds: -1_999_999) == "0s")
        #expect(HumanDuration.text(microseconds: -2_000_000) == "<invalid>")
    }
}
