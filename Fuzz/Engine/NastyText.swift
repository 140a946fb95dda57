/// What has broken readers of JSON and of events before, or could.
enum NastyText {
    static let numbers = [
        "0", "-0", "-0.0", "1e5", "1E-400", "1e400", "0.1e1", "10.0", "99999999999999999999999999999999999999",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "2147483648",
        "1e9223372036854775807", "10e9223372036854775807", "1.5e-9223372036854775808", "1e99999999999999999999", "01",
        "1.", ".5", "+1", "1e", "1e+", "--1", "0x10", "NaN", "Infinity", "-", "00", "1.0000000000000000000000000000001",
        String(repeating: "9", count: 400), "0." + String(repeating: "0", count: 400) + "1",
    ]

    static let times = [
        "2026-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:60Z", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2024-02-29T24:00:00Z", "1969-12-31T23:59:59.999999Z", "2026-01-01T00:00:00.123456789123456789Z",
        "2026-01-01T00:00:00+23:59", "2026-01-01T00:00:00-99:99", "2026-01-01t00:00:00z", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "0000-00-00T00:00:00Z", "292277026596-12-04T15:30:07Z",
        "2026-01-01T00:00:00.000000Z", "2026-1-1T0:0:0Z", "1900-02-29T00:00:00Z", "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999-23:59",
    ]

    /// What can stand between quotes.
    static let strings =
        times + [
            "", " ", "\\u0000", "\\ud800", "\\udfff", "\\ud83d\\ude00", "\\ude00\\ud83d", "\\uD83D", "\\n\\r\\t\\b\\f",
            "\\/", "\\\"", "\\\\", "\\u", "\\u12", "\\x41", "\\", "\u{7f}", "\u{2028}", "\u{feff}", "😀", "e\\u0301",
            "007", "18446744073709551616", "9223372036854775807", "9223372036854775808", "0", "-1", "+1",
            "eb3ecef3-297f-4e34-a958-34543d73ffc9", "EB3ECEF3-297F-4E34-A958-34543D73FFC9", "pod.18e9ed4676dad990",
            "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", "Event", "EventList", "List", "Status", "v1",
            "events.k8s.io/v1", "events.k8s.io/v1beta1", "true", String(repeating: "a", count: 257),
            String(repeating: "é", count: 129), String(repeating: "\\u0041", count: 300),
        ]

    /// Names of members that mean something to some reader.
    static let names = [
        "", "kind", "apiVersion", "type", "object", "items", "Items", "metadata", "managedFields", "involvedObject",
        "InvolvedObject", "regarding", "note", "message", "Message", "source", "series", "cluster", "count", "reason",
        "firstTimestamp", "lastTimestamp", "LastTimestamp", "eventTime", "EventTime", "deprecatedLastTimestamp",
        "deprecatedCount", "deprecatedSource", "creationTimestamp", "resourceVersion", "uid", "name", "namespace",
        "code", "details", "retryAfterSeconds", "continue", "remainingItemCount", "annotations",
        "k8s.io/initial-events-end", "e", "m", "o", "s", "\\u006bind", "k\\u0000", "\\ud800", "lastObservedTime",
        "\\ud801", "\u{fffd}", "é", "e\u{301}", "reportingController", "reportingComponent", "fieldPath", "component",
        "host",
    ]

    static let values = [
        "null", "true", "false", "{}", "[]", "\"\"", "[null]", "{\"a\":null}", "[[]]", "{\"\":{\"\":0}}",
    ]

    static let bytes: [[UInt8]] = [
        [0], [0x0a], [0x0d, 0x0a], [0x1f], [0x7f], [0x80], [0xbf], [0xc0, 0x80], [0xc3], [0xe2, 0x82],
        [0xed, 0xa0, 0x80],
        [0xed, 0xbf, 0xbf], [0xef, 0xbb, 0xbf], [0xf0, 0x9f, 0x98], [0xf4, 0x90, 0x80, 0x80],
        [0xf8, 0x88, 0x80, 0x80, 0x80],
        [0xfe, 0xff], [0xff], [0xff, 0xfe], Array("\"".utf8), Array("\\".utf8), Array("{".utf8), Array("}".utf8),
        Array("[".utf8), Array("]".utf8), Array(",".utf8), Array(":".utf8), Array("\\u0000".utf8),
        Array("\\ud800".utf8),
    ]
}
