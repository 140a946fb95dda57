/// An event as the table `kee.event` holds it, with the texts of the dictionaries in place of their ids.
public struct EventRow: Sendable, Equatable {
    /// Microseconds since 1970: with `id` the primary key.
    public var time: Int64
    /// `EventIdentity.observation`.
    public var id: Int64
    /// `EventIdentity.object`.
    public var object: Int64
    /// Which members there are.
    public var shape: EventShape = []
    /// `metadata.resourceVersion`, if it is a plain decimal.
    public var resourceVersion: Int64?
    /// The 16 hexadecimal digits behind the last dot of an event's name, when the rest is the object's name.
    public var nameSuffix: Int64?
    /// `involvedObject.resourceVersion`, if it is a plain decimal.
    public var objectResourceVersion: Int64?
    /// `metadata.uid`, if it is a UUID in canonical form.
    public var uid: UUIDBits?
    /// `involvedObject.uid`, if it is a UUID in canonical form.
    public var objectUID: UUIDBits?
    /// Seconds by which `firstTimestamp` precedes the second of `time`.
    public var firstBefore: Int32?
    /// Seconds by which `creationTimestamp` precedes the second of `time`; negative if it follows it.
    public var createdBefore: Int32?
    /// `count`, if it is an integer of 32 bits.
    public var count: Int32?
    /// `metadata.namespace`.
    public var namespace = ""
    /// Kind and apiVersion of the involved object.
    public var kind = ObjectKind(apiVersion: "", kind: "")
    /// Who reported it.
    public var source = EventSource()
    /// `reason`.
    public var reason = ""
    /// `type`.
    public var type = ""
    /// `involvedObject.fieldPath`.
    public var fieldPath: String?
    /// `involvedObject.name`.
    public var name = ""
    /// `message`, with U+FFFD for what text cannot hold.
    public var message = ""
    /// JSON text with what the columns do not hold: members at the top in `e`, those of metadata, the involved object
    /// and the source in `m`, `o` and `s`.
    public var extra: [UInt8]?
    /// The whole event as core/v1 JSON, where neither columns nor jsonb can hold it exactly.
    public var raw: [UInt8]?
}

/// A UUID as two halves, the first eight bytes and the last.
public struct UUIDBits: Sendable, Hashable {
    /// The first eight bytes.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    /// From its parts.
    public init(high: UInt64, low: UInt64) {
        (self.high, self.low) = (high, low)
    }

    /// Reads the canonical form only: 36 characters, lower case.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for (position, byte) in text.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = HexadecimalDigit.value(of: byte) else { return nil }
            halves = (halves.0 << 4 | halves.1 >> 60, halves.1 << 4 | UInt64(digit))
        }
        (high, low) = halves
    }
}

/// Lower-case hexadecimal, as Kubernetes writes it.
enum HexadecimalDigit {
    static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

/// A kind with the group and version it was seen in: `apps/v1` and `Deployment`.
public struct ObjectKind: Sendable, Hashable {
    /// Group and version, such as `apps/v1`; `v1` is core.
    public var apiVersion: String
    /// Kind and apiVersion of the involved object.
    public var kind: String

    /// From its parts.
    public init(apiVersion: String, kind: String) {
        (self.apiVersion, self.kind) = (apiVersion, kind)
    }

    /// The group of the apiVersion; empty for core.
    public var group: Substring {
        guard let slash = apiVersion.firstIndex(of: "/") else { return "" }
        return apiVersion[..<slash]
    }
}

/// Who reported an event: classic recorders fill the first two, events.k8s.io the last two, newer classic ones all.
public struct EventSource: Sendable, Hashable {
    /// `source.component`.
    public var component = ""
    /// `source.host`.
    public var host = ""
    /// `reportingComponent`.
    public var reportingComponent = ""
    /// `reportingInstance`.
    public var reportingInstance = ""

    /// From its parts.
    public init(
        component: String = "",
        host: String = "",
        reportingComponent: String = "",
        reportingInstance: String = ""
    ) {
        self.component = component
        self.host = host
        self.reportingComponent = reportingComponent
        self.reportingInstance = reportingInstance
    }
}
