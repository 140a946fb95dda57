import EventModel
import Foundation
import JSON
import Testing

@Suite struct EventTimeTests {
    @Test func goldenFile() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "event-time.golden")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count >= 30)
        for line in lines {
            let parts = line.split(separator: "\t").map(String.init)
            let object = try JSONDocument(parsing: Array(parts[0].utf8)).root
            switch EventDocument.read(object, isKnownEvent: true) {
            case .success(let event): #expect("\(event.time)" == parts[1], "\(parts[0])")
            case .failure(let rejection):
                #expect(parts[1] == "none", "\(parts[0])")
                #expect(rejection.reason == .noTime)
            }
        }
    }

    @Test func everyDayOfEightCenturiesIsConvertedThereAndBack() {
        var date = CivilDate(year: 1600, month: 1, day: 1)
        for days in date.daysSinceEpoch..<CivilDate(year: 2400, month: 1, day: 1).daysSinceEpoch {
            let next = CivilDate(daysSinceEpoch: days)
            #expect(next.daysSinceEpoch == days)
            #expect(next == date)
            let isLast = date.day == CivilDate.days(inMonth: date.month, of: date.year)
            date = CivilDate(
                year: isLast && date.month == 12 ? date.year + 1 : date.year,
                month: isLast ? date.month % 12 + 1 : date.month,
                day: isLast ? 1 : date.day + 1
            )
        }
    }

    @Test(arguments: [
        ("2026-01-01T00:00:00Z", Timestamp.Form.seconds), ("2026-01-01T00:00:00.000001Z", .microseconds),
        ("1969-07-20T20:17:40.123456Z", .microseconds), ("0000-01-01T00:00:00Z", .seconds),
        ("9999-12-31T23:59:59Z", .seconds),
    ])
    func writtenAsItWasRead(_ text: String, _ form: Timestamp.Form) throws {
        let time = try #require(Timestamp(text))
        #expect(time.form == form)
        var output = JSONOutput()
        output.write(timestamp: time.microseconds, form: form)
        #expect(String(decoding: output.bytes, as: UTF8.self) == "\"\(text)\"")
    }

    @Test(arguments: [
        "2026-01-01t00:00:00z", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.1234567Z",
    ])
    func otherFormsAreKnownAsSuch(_ text: String) { #expect(Timestamp(text)?.form == .other) }

    @Test(arguments: [
        "", "now", "2026-01-01", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z", "2025-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00Zjunk",
        "+026-01-01T00:00:00Z", "2026-01-01T00:00:00+24:00",
    ])
    func refuses(_ text: String) { #expect(Timestamp(text) == nil) }
}
