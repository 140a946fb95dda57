import Crypto
public import EventModel
import JSON

/// A recording of a real cluster, to be played as if it happened now: its times shifted, its uids and resourceVersions
/// new in each round.
public struct DemoRecording: Sendable {
    /// In the order of their times.
    public let events: [Event]

    /// - Returns: nil without events.
    public init?(_ events: [Event]) {
        guard !events.isEmpty else { return nil }
        self.events = events.sorted { $0.time < $1.time }
    }

    /// From the first event to the last, in microseconds.
    public var length: Int64 { events[events.count - 1].time - events[0].time }

    /// The events of one round, each with the moment at which it is due.
    ///
    /// - Parameters:
    ///   - end: when the last one is due, in microseconds since 1970.
    ///   - length: how long the round takes, in microseconds; shorter than the recording means faster.
    ///   - salt: tells the rounds apart.
    /// - Throws: `EventRejection`, `JSONError`: not for what was an event before.
    public func round(endingAt end: Int64, length: Int64, salt: String) throws -> [(due: Int64, event: Event)] {
        let first = events[0].time
        return try events.enumerated().map { number, event in
            let scaled = self.length == 0 ? 0 : Int64(Double(event.time - first) / Double(self.length) * Double(length))
            let due = end - length + scaled
            var output = JSONOutput(capacity: event.body.rawBytes.count + 64)
            // Whole seconds, so that each time keeps its form.
            let shift = (due - event.time) / 1_000_000 * 1_000_000
            Shifting(seconds: shift, salt: salt, version: end / 1_000_000 * 1_000 + Int64(number)).write(
                event.body,
                to: &output
            )
            return (due, try Event(JSONDocument(parsing: output.bytes).root, isKnownEvent: true))
        }
    }
}

/// Writes an event again with other times, uid and resourceVersion.
private struct Shifting {
    let seconds: Int64
    let salt: String
    let version: Int64

    func write(_ event: JSONValue, to output: inout JSONOutput) {
        writeObject(event, to: &output) { key, value, output in
            switch key {
            case "metadata":
                writeObject(value, to: &output) { key, value, output in
                    switch key {
                    case "uid": output.write(string: uid(value.string ?? ""))
                    case "resourceVersion": output.write(string: "\(version)")
                    default: writeShifted(value, to: &output)
                    }
                }
            case "series": writeObject(value, to: &output) { _, value, output in writeShifted(value, to: &output) }
            case "firstTimestamp", "lastTimestamp", "eventTime": writeShifted(value, to: &output)
            default: output.write(value)
            }
        }
    }

    private func writeObject(
        _ object: JSONValue,
        to output: inout JSONOutput,
        _ member: (String, JSONValue, inout JSONOutput) -> Void
    ) {
        guard object.kind == .object else { return output.write(object) }
        output.write("{")
        for (position, entry) in object.members.enumerated() {
            if position > 0 { output.write(",") }
            output.write(entry.key.json)
            output.write(":")
            member(entry.key.string, entry.value, &output)
        }
        output.write("}")
    }

    private func writeShifted(_ value: JSONValue, to output: inout JSONOutput) {
        guard let time = Timestamp(value) else { return output.write(value) }
        output.write(timestamp: time.microseconds + seconds, form: time.form)
    }

    /// A UUID of version 8 (RFC 9562): made from the recorded one and the round.
    private func uid(_ recorded: String) -> String {
        var bytes = Array(SHA256.hash(data: Array("\(salt)/\(recorded)".utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10..<16]]
            .map { $0.joined() }.joined(separator: "-")
    }
}
