internal import EventModel
internal import FoundationEssentials
internal import JSON

/// A moment as Kubernetes' `metav1.MicroTime` has it: to the microsecond, always with six fractional digits in text.
///
/// An API server answers a MicroTime without them with 400.
public struct MicroTime: Sendable, Equatable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var microseconds: Int64

    /// - Parameter microseconds: since 1970-01-01T00:00:00Z.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Now, by the clock on the wall.
    public static var now: MicroTime {
        MicroTime(microseconds: Int64((Date.now.timeIntervalSince1970 * 1_000_000).rounded()))
    }

    /// Reads RFC 3339; nil for all else.
    init?(_ value: JSONValue?) {
        guard let time = Timestamp(value) else { return nil }
        microseconds = time.microseconds
    }

    /// The earlier is less.
    public static func < (left: MicroTime, right: MicroTime) -> Bool { left.microseconds < right.microseconds }
}

extension JSONOutput {
    /// Appends a MicroTime as a string.
    mutating func write(_ time: MicroTime) {
        write(timestamp: time.microseconds, form: .microseconds)
    }
}
