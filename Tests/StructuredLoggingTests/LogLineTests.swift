import Foundation
import Logging
import Testing

@testable import StructuredLogging

@Suite struct LogLineTests {
    func record(
        _ message: String,
        level: Logger.Level = .warning,
        logger: String = "watch",
        _ metadata: Logger.Metadata = [:]
    ) -> LogRecord {
        LogRecord(
            time: LogTime(milliseconds: 1_772_323_199_007),
            level: level,
            logger: logger,
            message: message,
            metadata: metadata.sorted { $0.key < $1.key }
        )
    }

    @Test func jsonHasItsKeysInOrder() {
        let line = JSONLogLine.line(record("relist", ["cluster": "prod", "a": "b"]))
        #expect(
            line == #"{"time":"2026-02-28T23:59:59.007Z","level":"warning","logger":"watch","message":"relist","#
                + #""a":"b","cluster":"prod"}"#
        )
    }

    @Test func jsonReadsBackWhateverIsInIt() throws {
        let odd = "a\"b\\c\nd\re\tf\u{0}\u{1B}[31m\u{7F}\u{85}\u{2028}\u{202E}é🙂"
        let line = JSONLogLine.line(
            record(
                odd,
                logger: odd,
                [
                    odd: .string(odd), "n": .stringConvertible(42), "d": .stringConvertible(0.5),
                    "inf": .stringConvertible(Double.infinity), "t": .stringConvertible(true),
                    "list": ["x", .stringConvertible(1)], "map": ["k": "v", "a": []], "level": "mine",
                ]
            )
        )
        #expect(line.unicodeScalars.allSatisfy { !$0.isUnsafeInALine })
        let read = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(read["message"] as? String == odd)
        #expect(read["logger"] as? String == odd)
        #expect(read[odd] as? String == odd)
        #expect(read["level"] as? String == "warning")
        #expect(read["metadata.level"] as? String == "mine")
        #expect(read["n"] as? Int == 42)
        #expect(read["d"] as? Double == 0.5)
        #expect(read["inf"] as? String == "inf")
        #expect(read["t"] as? Bool == true)
        #expect((read["list"] as? [Any])?.count == 2)
        #expect((read["map"] as? [String: Any])?["k"] as? String == "v")
    }

    @Test func textIsForPeople() {
        let line = TextLogLine.line(
            record("it\nbroke \u{1B}[31m", level: .error, ["cluster": "prod", "why": "a \"b\"\n", "empty": ""]),
            isColoured: false
        )
        #expect(
            line == #"2026-02-28T23:59:59.007Z ERROR watch: it\nbroke \u{1b}[31m cluster=prod empty="" why="a \"b\"\n""#
        )
    }

    @Test func colourIsOnlyInTheLevel() {
        let line = TextLogLine.line(record("hm"), isColoured: true)
        #expect(line == "2026-02-28T23:59:59.007Z \u{1B}[33mWARN \u{1B}[0m watch: hm")
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
        ] as [(Int64, String)]
    )
    func timesAreWrittenInUTC(milliseconds: Int64, text: String) {
        #expect(LogTime(milliseconds: milliseconds).text == text)
    }

    @Test func timesAgreeWithFoundation() {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        for day in stride(from: Int64(-30_000), to: 60_000, by: 37) {
            let milliseconds = day * 86_400_000 + (day * 7919 % 86_400) * 1000
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            #expect(LogTime(milliseconds: milliseconds).text == formatter.string(from: date))
        }
    }
}
