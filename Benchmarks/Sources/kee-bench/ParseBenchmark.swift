import EventModel
import EventSchema
import Foundation
import JSON

/// From the bytes of a watch's line to a row of the archive.
struct ParseBenchmark {
    private let lines: [[UInt8]]
    private let seconds: Double
    private var bytes: Double { Double(lines.reduce(0) { $0 + $1.count }) }

    /// - Parameter recording: gzipped, a frame of a watch on each line.
    init(recording: String, seconds: Double) throws {
        let text = try Command(program: "gzip", arguments: ["-dc", recording]).output()
        lines = text.split(separator: UInt8(ascii: "\n")).map(Array.init)
        guard !lines.isEmpty else { throw BenchError("\(recording) holds no lines") }
        self.seconds = seconds
    }

    func run(into table: inout ResultTable) throws {
        let data = lines.map { Data($0) }
        var (document, row) = (Measured("MB/s"), Measured("events/s"))
        var (copy, foundation, foundationEvents) = (Measured("MB/s"), Measured("MB/s"), Measured("events/s"))
        var rowBytes = Measured("MB/s")
        let rounds = 7
        for _ in 0..<rounds {
            let length = seconds / Double(rounds)
            let parsed = try passes(length) { try parse() }
            let rows = try passes(length) { try makeRows() }
            let copied = passes(length) { copyText() }
            let other = try passes(length) { try parseByFoundation(data) }
            document.add(parsed * bytes / 1e6)
            row.add(rows * Double(lines.count))
            rowBytes.add(rows * bytes / 1e6)
            copy.add(copied * bytes / 1e6)
            foundation.add(other * bytes / 1e6)
            foundationEvents.add(other * Double(lines.count))
        }
        table.add("parse: JSON", document, foundation, "JSONSerialization, same lines", goal: 5)
        table.add("parse: JSON", document, copy, "String(decoding:), a copy with a UTF-8 check", goal: nil)
        table.add("parse: JSON to row", row, foundationEvents, "JSONSerialization, same lines", goal: 2)
        table.note(
            "parse: \(lines.count) lines of \(Int(bytes) / lines.count) bytes; to rows at \(rowBytes.text),"
                + " \(Measured.text(1e6 / row.median)) µs an event, one thread"
        )
    }

    /// Passes over all lines in a second.
    private func passes(_ length: Double, _ pass: () throws -> Int) rethrows -> Double {
        let start = ContinuousClock.now
        var (count, elapsed) = (0.0, 0.0)
        repeat {
            sink &+= try pass()
            count += 1
            elapsed = (ContinuousClock.now - start).inSeconds
        } while elapsed < length
        return count / elapsed
    }

    private func parse() throws -> Int {
        var kinds = 0
        for line in lines where try JSONDocument(parsing: line).root.kind == .object { kinds += 1 }
        return kinds
    }

    private func makeRows() throws -> Int {
        var sum = 0
        for line in lines {
            guard let object = try JSONDocument(parsing: line).root["object"] else { continue }
            sum &+= EventRow(try Event(object), cluster: "demo").message.utf8.count
        }
        return sum
    }

    private func copyText() -> Int {
        lines.reduce(0) { $0 &+ String(decoding: $1, as: UTF8.self).utf8.count }
    }

    private func parseByFoundation(_ data: [Data]) throws -> Int {
        var objects = 0
        for line in data where try JSONSerialization.jsonObject(with: line) is [String: Any] { objects += 1 }
        return objects
    }
}

/// Where results go, so that the optimiser cannot leave the work out. Benchmarks run one after another on one thread.
nonisolated(unsafe) private var sink = 0
