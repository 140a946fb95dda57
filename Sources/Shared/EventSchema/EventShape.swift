/// Which members an event has that its columns tell about, so that absent, null and present are told apart when it is
/// written again. Stored as int4: a bit once given is never given to anything else.
///
/// A member whose value the columns cannot hold exactly is marked absent here and stands in `extra`.
public struct EventShape: OptionSet, Sendable, Hashable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// `"kind":"Event","apiVersion":"v1"`; items of a list have neither.
    public static let typeMeta = EventShape(rawValue: 1 << 0)
    public static let metadata = EventShape(rawValue: 1 << 1)
    public static let namespace = EventShape(rawValue: 1 << 2)
    public static let involvedObject = EventShape(rawValue: 1 << 3)
    public static let objectKind = EventShape(rawValue: 1 << 4)
    public static let objectAPIVersion = EventShape(rawValue: 1 << 5)
    /// The involved object has the namespace of the event.
    public static let objectNamespace = EventShape(rawValue: 1 << 6)
    public static let objectName = EventShape(rawValue: 1 << 7)
    public static let reason = EventShape(rawValue: 1 << 8)
    public static let message = EventShape(rawValue: 1 << 9)
    public static let type = EventShape(rawValue: 1 << 10)
    public static let source = EventShape(rawValue: 1 << 11)
    public static let component = EventShape(rawValue: 1 << 12)
    public static let host = EventShape(rawValue: 1 << 13)
    public static let reportingComponent = EventShape(rawValue: 1 << 14)
    public static let reportingInstance = EventShape(rawValue: 1 << 15)
    /// `firstTimestamp` lies `first_d` seconds before `ts`.
    public static let firstTimestamp = EventShape(rawValue: 1 << 16)
    public static let nullFirstTimestamp = EventShape(rawValue: 1 << 17)
    /// `lastTimestamp` is `ts`, written in whole seconds.
    public static let lastTimestamp = EventShape(rawValue: 1 << 18)
    public static let nullLastTimestamp = EventShape(rawValue: 1 << 19)
    /// `eventTime` is `ts`, written in microseconds.
    public static let eventTime = EventShape(rawValue: 1 << 20)
    public static let nullEventTime = EventShape(rawValue: 1 << 21)
}
