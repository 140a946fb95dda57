import EventSchema
public import Foundation
import JSON

extension FakeAPIServer {
    /// An event as a kubelet would report it.
    public struct Event: Sendable, Equatable {
        /// `metadata.namespace`.
        public var namespace: String
        /// `metadata.name`.
        public var name: String
        /// `involvedObject.name`.
        public var object: String
        /// `metadata.uid`.
        public var uid: String
        /// `reason`.
        public var reason: String
        /// `message`.
        public var message: String
        /// The JSON text of `message`, quotes included, where a `String` cannot hold it: with half of a surrogate pair.
        public var messageJSON: [UInt8]?
        /// `type`.
        public var type: String
        /// `count`, or with an `eventTime` that of `series`.
        public var count: Int
        /// `firstTimestamp` and `metadata.creationTimestamp`; whole seconds count.
        public var firstTimestamp: Date
        /// `lastTimestamp`; whole seconds count.
        public var lastTimestamp: Date
        /// Microseconds since 1970. Makes it an event as the scheduler reports it: `eventTime` set, the two timestamps
        /// null, no `count`, and `series` from the second occurrence on.
        public var eventTime: Int64?
        /// `series.lastObservedTime`, in microseconds since 1970.
        public var lastObservedTime: Int64?

        /// An event that was seen once, now, under a new uid.
        public init(
            namespace: String = "default",
            name: String,
            object: String? = nil,
            uid: String = UUID().uuidString.lowercased(),
            reason: String = "Pulled",
            message: String = "Container image \"c\" already present on machine",
            type: String = "Normal",
            count: Int = 1,
            time: Date = Date()
        ) {
            self.namespace = namespace
            self.name = name
            self.object = object ?? name
            self.uid = uid
            self.reason = reason
            self.message = message
            self.type = type
            self.count = count
            firstTimestamp = time
            lastTimestamp = time
        }

        /// The same event seen once more.
        public func again(at time: Date = Date()) -> Event {
            var event = self
            event.count += 1
            event.lastTimestamp = time
            if eventTime != nil { event.lastObservedTime = Int64(time.timeIntervalSince1970 * 1_000_000) }
            return event
        }
    }
}

extension FakeAPIServer.Event {
    /// What stands before the body in a frame, where an object says what it is; an item of a list does not.
    static let typeMeta = #""kind":"Event","apiVersion":"v1","#

    /// Its JSON as an API server writes it, without the brace and the kind and apiVersion that it begins with: these
    /// bytes are shared by the journal, all frames and all lists.
    func body(resourceVersion: Int) -> [UInt8] {
        let created = Int64(firstTimestamp.timeIntervalSince1970.rounded(.down)) * 1_000_000
        let last = eventTime != nil ? created : Int64(lastTimestamp.timeIntervalSince1970.rounded(.down)) * 1_000_000
        var output = JSONOutput(capacity: 1200 + message.utf8.count)
        output.write(#""metadata":{"name":"#)
        output.write(asGo: name)
        output.write(#","namespace":"#)
        output.write(asGo: namespace)
        output.write(#","uid":"#)
        output.write(asGo: uid)
        output.write(#","resourceVersion":""#)
        output.write(resourceVersion)
        output.write(#"","creationTimestamp":"#)
        output.write(time: created, digits: 0)
        output.write(#","managedFields":[{"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"#)
        output.write(time: last, digits: 0)
        output.write(Self.managedFields)
        output.write(#","involvedObject":{"kind":"Pod","namespace":"#)
        output.write(asGo: namespace)
        output.write(#","name":"#)
        output.write(asGo: object)
        output.write(#","apiVersion":"v1"},"reason":"#)
        output.write(asGo: reason)
        output.write(#","message":"#)
        if let messageJSON { output.write(messageJSON) } else { output.write(asGo: message) }
        if let eventTime {
            output.write(#","source":{},"firstTimestamp":null,"lastTimestamp":null,"type":"#)
            output.write(asGo: type)
            output.write(#","eventTime":"#)
            output.write(time: eventTime, digits: 6)
            if let lastObservedTime {
                output.write(#","series":{"count":"#)
                output.write(count)
                output.write(#","lastObservedTime":"#)
                output.write(time: lastObservedTime, digits: 6)
                output.write("}")
            }
            output.write(#","action":"Binding""#)
        } else {
            output.write(#","source":{"component":"kubelet","host":"hollow-1"},"firstTimestamp":"#)
            output.write(time: created, digits: 0)
            output.write(#","lastTimestamp":"#)
            output.write(time: last, digits: 0)
            output.write(#","count":"#)
            output.write(count)
            output.write(#","type":"#)
            output.write(asGo: type)
            output.write(#","eventTime":null"#)
        }
        output.write(#","reportingComponent":"kubelet","reportingInstance":"hollow-1"}"#)
        return output.bytes
    }

    private static let managedFields: StaticString = """
        ,"fieldsType":"FieldsV1","fieldsV1":{"f:count":{},"f:firstTimestamp":{},"f:involvedObject":{},\
        "f:lastTimestamp":{},"f:message":{},"f:reason":{},"f:reportingComponent":{},"f:reportingInstance":{},\
        "f:source":{"f:component":{},"f:host":{}},"f:type":{}}}]}
        """

    /// Reads what `body` made.
    init(readingBody body: [UInt8]) throws {
        let root = try JSONDocument(parsing: [UInt8(ascii: "{")] + body).root
        func text(_ path: String...) -> String {
            path.reduce(root as JSONValue?) { $0?[$1] }?.string ?? ""
        }
        func time(_ value: JSONValue?) -> Int64? { value?.string.flatMap { FakeAPIServer.microseconds($0) } }
        let created = time(root["metadata"]?["creationTimestamp"]) ?? 0
        let series = root["series"]
        self.init(
            namespace: text("metadata", "namespace"),
            name: text("metadata", "name"),
            object: text("involvedObject", "name"),
            uid: text("metadata", "uid"),
            reason: text("reason"),
            message: text("message"),
            type: text("type"),
            count: Int(series?["count"]?.int64 ?? root["count"]?.int64 ?? 1),
            time: Date(timeIntervalSince1970: Double(created / 1_000_000))
        )
        if let message = root["message"], !message.isStorableString { messageJSON = Array(message.jsonBytes) }
        if let last = time(root["lastTimestamp"]) {
            lastTimestamp = Date(timeIntervalSince1970: Double(last / 1_000_000))
        }
        eventTime = time(root["eventTime"])
        lastObservedTime = time(series?["lastObservedTime"])
    }
}

extension FakeAPIServer {
    /// Microseconds since 1970, by this machine's clock.
    public static var now: Int64 { WallClock.now }

    /// Reads times as `JSONOutput.write(time:digits:)` writes them.
    static func microseconds(_ text: String) -> Int64? {
        let digits = text.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.map { Int($0) - 48 }
        guard digits.count == 14 || digits.count == 20 else { return nil }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        var parts = tm()
        parts.tm_year = Int32(number(0..<4) - 1900)
        parts.tm_mon = Int32(number(4..<6) - 1)
        parts.tm_mday = Int32(number(6..<8))
        parts.tm_hour = Int32(number(8..<10))
        parts.tm_min = Int32(number(10..<12))
        parts.tm_sec = Int32(number(12..<14))
        return Int64(timegm(&parts)) * 1_000_000 + Int64(digits.count == 20 ? number(14..<20) : 0)
    }
}

extension JSONOutput {
    /// Appends a time as metav1.Time (0 digits) or metav1.MicroTime (6 digits) writes it.
    mutating func write(time microseconds: Int64, digits: Int) {
        var seconds = time_t(microseconds / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        write("\"")
        write(decimal: UInt64(parts.tm_year + 1900), digits: 4)
        write("-")
        write(decimal: UInt64(parts.tm_mon + 1), digits: 2)
        write("-")
        write(decimal: UInt64(parts.tm_mday), digits: 2)
        write("T")
        write(decimal: UInt64(parts.tm_hour), digits: 2)
        write(":")
        write(decimal: UInt64(parts.tm_min), digits: 2)
        write(":")
        write(decimal: UInt64(parts.tm_sec), digits: 2)
        if digits == 6 {
            write(".")
            write(decimal: UInt64(microseconds % 1_000_000), digits: 6)
        }
        write("Z\"")
    }

    /// Appends a string as Go's encoding/json writes it, which escapes for HTML too.
    mutating func write(asGo text: String) {
        var text = text
        write("\"")
        text.withUTF8 { utf8 in
            var plain = 0
            for (position, byte) in utf8.enumerated() {
                guard let escape = Self.goEscape(of: byte, at: position, in: utf8) else { continue }
                write(UnsafeBufferPointer(rebasing: utf8[plain..<position]))
                write(Array(escape.utf8))
                plain = position + (byte == 0xe2 ? 3 : 1)
            }
            write(UnsafeBufferPointer(rebasing: utf8[plain..<utf8.count]))
        }
        write("\"")
    }

    private static func goEscape(of byte: UInt8, at position: Int, in utf8: UnsafeBufferPointer<UInt8>) -> String? {
        switch byte {
        case UInt8(ascii: "\""): return "\\\""
        case UInt8(ascii: "\\"): return "\\\\"
        case 0x0a: return "\\n"
        case 0x0d: return "\\r"
        case 0x09: return "\\t"
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), 0..<0x20:
            return String(format: "\\u%04x", Int(byte))
        case 0xe2 where position + 2 < utf8.count && utf8[position + 1] == 0x80 && utf8[position + 2] & 0xfe == 0xa8:
            return String(format: "\\u20%02x", Int(utf8[position + 2] & 1 | 0x28))
        default: return nil
        }
    }
}
