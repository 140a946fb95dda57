import Logging
import StructuredLogging
import Testing

@testable import Settings

@Suite struct ValueTests {
    @Test(arguments: [
        ("90s", 90.0, "1m30s"), ("15m", 900, "15m"), ("2h", 7200, "2h"), ("30d", 2_592_000, "30d"),
        ("1h30m", 5400, "1h30m"), ("500ms", 0.5, "500ms"), ("0s", 0, "0s"), ("1d1ms", 86_400.001, "1d1ms"),
        ("36525d", 3_155_760_000, "36525d"),
    ])
    func durations(text: String, seconds: Double, written: String) throws {
        let duration = try DurationText.duration(parsing: text)
        #expect(duration == .milliseconds(Int64((seconds * 1000).rounded())))
        #expect(DurationText.text(duration) == written)
        #expect(try DurationText.duration(parsing: written) == duration)
    }

    @Test(arguments: [
        "", "90", "s", "-5s", "1.5h", "5 m", "5M", "1m1h", "1m1m", "٣s", "99999999999s", "36526d", "1h ", "+1s", "0x1s",
    ])
    func whatIsNoDuration(text: String) {
        let error = #expect(throws: SettingValueError.self) { try DurationText.duration(parsing: text) }
        #expect(error?.description.hasPrefix("'\(text)' is ") == true)
    }

    @Test(
        arguments: [
            ("512MiB", 536_870_912, "512MiB"), ("1GB", 1_000_000_000, "1000000000B"), ("64Ki", 65_536, "64KiB"),
            ("4096", 4096, "4KiB"), ("0", 0, "0B"), ("7B", 7, "7B"), ("1kB", 1000, "1000B"),
            ("2T", 2_000_000_000_000, nil),
            ("1TiB", 1 << 40, "1TiB"),
        ] as [(String, Int, String?)]
    )
    func sizes(text: String, bytes: Int, written: String?) throws {
        let size = try ByteSize(parsing: text)
        #expect(size.bytes == bytes)
        if let written { #expect(size.description == written) }
        #expect(try ByteSize(parsing: size.description) == size)
    }

    @Test(arguments: ["", "B", "-1", "1.5GiB", "1 MB", "1mb", "9999999999999999999", "9999999TiB", "1KBB", "1PiB", "٣"])
    func whatIsNoSize(text: String) {
        #expect(throws: SettingValueError.self) { try ByteSize(parsing: text) }
    }

    @Test(arguments: [
        ("trace", Logger.Level.trace), ("INFO", .info), ("warn", .warning), ("warning", .warning), ("fatal", .critical),
    ])
    func levels(text: String, level: Logger.Level) throws {
        #expect(try LoggingOptions.level(parsing: text) == level)
    }

    @Test func whatIsNoLevelOrFormat() {
        let level = #expect(throws: SettingValueError.self) { try LoggingOptions.level(parsing: "loud") }
        #expect(
            level?.description
                == "'loud' is no log level: give one of trace, debug, info, notice, warning, error, critical"
        )
        let format = #expect(throws: SettingValueError.self) { try LoggingOptions.format(parsing: "xml") }
        #expect(format?.description == "'xml' is no log format: give json or text")
    }

    @Test(arguments: [
        ("cluster", "clutser", 1), ("cluster", "cluster", 0), ("cluster", "clster", 1), ("a", "", 1), ("", "", 0),
        ("kitten", "sitting", 3),
    ])
    func distances(one: String, other: String, distance: Int) {
        #expect(EditDistance.between(one, other) == distance)
        #expect(EditDistance.between(other, one) == distance)
    }

    @Test(arguments: [
        ("$A-${B}", "1-2"), ("${NOPE}x", "x"), ("a$", "a$"), ("${A", "${A"), ("$A$B", "12"), ("100$", "100$"),
    ])
    func variables(text: String, expanded: String) {
        #expect(VariableExpansion.expanded(text, environment: ["A": "1", "B": "2"]) == expanded)
    }
}
