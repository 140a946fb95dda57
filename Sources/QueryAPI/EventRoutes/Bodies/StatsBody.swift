internal import Coverage
internal import EventModel
internal import EventReader
internal import JSON
internal import NIOCore

/// The bodies of numbers over time.
enum StatsBody {
    /// The times once, and for each series as many points.
    static func json(_ stats: EventStats, _ query: StatsQuery, _ gaps: ArchiveCoverage.Gaps) -> ByteBuffer {
        var output = JSONOutput(capacity: 512 + stats.times.count * (24 + 4 * stats.series.count))
        output.write("{\"kind\":\"EventStats\",\"apiVersion\":\"kee/v1\",\"metadata\":{\"by\":")
        output.write(string: query.key.rawValue)
        output.write(",\"bucket\":")
        output.write(string: query.bucket.rawValue)
        output.write(",\"since\":")
        output.write(time: query.since)
        output.write(",\"until\":")
        output.write(time: query.until)
        if !gaps.isEmpty {
            output.write(",")
            output.write(gaps)
        }
        output.write("},\"times\":[")
        for (index, time) in stats.times.enumerated() {
            if index > 0 { output.write(",") }
            output.write(time: time)
        }
        output.write("],\"series\":[")
        for (index, series) in stats.series.enumerated() {
            if index > 0 { output.write(",") }
            output.write("{\"key\":")
            if let key = series.key { output.write(string: key) } else { output.write("null") }
            output.write(",\"total\":")
            output.write(series.total)
            output.write(",\"points\":[")
            for (index, point) in series.points.enumerated() {
                if index > 0 { output.write(",") }
                output.write(point)
            }
            output.write("]}")
        }
        output.write("]}\n")
        return output.withBytes { ByteBuffer(bytes: $0) }
    }

    /// A line for each point, in the order of time. What remains has a key that is no name of Kubernetes' own.
    static func csv(_ stats: EventStats) -> ByteBuffer {
        let keys = stats.series.map { Array(field($0.key ?? otherKey).utf8) }
        var output = JSONOutput(capacity: 64 + stats.times.count * stats.series.count * 40)
        output.write("time,key,events\r\n")
        for (place, time) in stats.times.enumerated() {
            var moment = JSONOutput(capacity: 32)
            moment.write(time: time)
            // Without the quotes that JSON has and CSV does not need.
            let text = moment.bytes.dropFirst().dropLast()
            for (series, key) in zip(stats.series, keys) {
                output.write(text)
                output.write(",")
                output.write(key)
                output.write(",")
                output.write(series.points[place])
                output.write("\r\n")
            }
        }
        return output.withBytes { ByteBuffer(bytes: $0) }
    }

    static let otherKey = "(other)"

    /// Source: RFC 4180 section 2.
    private static func field(_ text: String) -> String {
        guard text.utf8.contains(where: { [UInt8(ascii: "\""), UInt8(ascii: ","), 10, 13].contains($0) }) else {
            return text
        }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
