/// Which members an event has that its columns tell about, so that absent, null and present are told apart when it is
/// written again. Stored as int4: a bit once given is never given to anything else.
///
/// A member whose value the columns cannot hold exactly is marked absent here and stands in `extra`.
public struct EventShape: OptionSet, Sendable, Hashable {
    /// The bits, as they are stored.
    public let rawValue: Int32

    /// Bits as they were stored.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// `"kind":"Event","apiVersion":"v1"`; items of a list have neither.
    public static let typeMeta = EventShape(rawValue: 1 << 0)
    /// `metadata` is an object.
    public static let metadata = EventShape(rawValue: 1 << 1)
    /// `metadata.namespace` is in its dictionary.
    public static let namespace = EventShape(rawValue: 1 << 2)
    /// `involvedObject` is an object.
    public static let involvedObject = EventShape(rawValue: 1 << 3)
    /// `involvedObject.kind` is in its dictionary.
    public static let objectKind = EventShape(rawValue: 1 << 4)
    /// `involvedObject.apiVersion` is in its dictionary.
    public static let objectAPIVersion = EventShape(rawValue: 1 << 5)
    /// The involved object has the namespace of the event.
    public static let objectNamespace = EventShape(rawValue: 1 << 6)
    /// `involvedObject.name` is in its column.
    public static let objectName = EventShape(rawValue: 1 << 7)
    /// `reason` is in its dictionary.
    public static let reason = EventShape(rawValue: 1 << 8)
    /// `message` is in its column.
    public static let message = EventShape(rawValue: 1 << 9)
    /// `type` is in its dictionary.
    public static let type = EventShape(rawValue: 1 << 10)
    /// `source` is an object.
    public static let source = EventShape(rawValue: 1 << 11)
    /// `source.component` is in the dictionary of sources.
    public static let component = EventShape(rawValue: 1 << 12)
    /// `source.host` is in the dictionary of sources.
    public static let host = EventShape(rawValue: 1 << 13)
    /// `reportingComponent` is in the dictionary of sources.
    public static let reportingComponent = EventShape(rawValue: 1 << 14)
    /// `reportingInstance` is in the dictionary of sources.
    public static let reportingInstance = EventShape(rawValue: 1 << 15)
    /// `firstTimestamp` lies `first_d` seconds before `ts`.
    public static let firstTimestamp = EventShape(rawValue: 1 << 16)
    /// `firstTimestamp` is null.
    public static let nullFirstTimestamp = EventShape(rawValue: 1 << 17)
    /// `lastTimestamp` is `ts`, written in whole seconds.
    public static let lastTimestamp = EventShape(rawValue: 1 << 18)
    /// `lastTimestamp` is null.
    public static let nullLastTimestamp = EventShape(rawValue: 1 << 19)
    /// `eventTime` is `ts`, written in microseconds.
    public static let eventTime = EventShape(rawValue: 1 << 20)
    /// `eventTime` is null.
    public static let nullEventTime = EventShape(rawValue: 1 << 21)
}
