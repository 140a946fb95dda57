import JSON

/// A row of `kee.event` lent for writing: texts of the dictionaries already as JSON, the row's own as they came from
/// the database.
///
/// Not to be copied: a copy would count up a dozen texts and down again, for each event.
public struct EventFields: ~Copyable {
    /// Microseconds since 1970.
    public var time: Int64
    /// Which members there are.
    public var shape: EventShape
    /// `resourceVersion`.
    public var resourceVersion: Int64?
    /// See `EventRow.nameSuffix`.
    public var nameSuffix: Int64?
    /// `objectResourceVersion`.
    public var objectResourceVersion: Int64?
    /// `uid`.
    public var uid: UUIDBits?
    /// `objectUID`.
    public var objectUID: UUIDBits?
    /// See `EventRow.firstBefore`.
    public var firstBefore: Int32
    /// See `EventRow.createdBefore`.
    public var createdBefore: Int32?
    /// `count`.
    public var count: Int32?
    /// The cluster's name.
    public var cluster: JSONText
    /// Of the event.
    public var namespace: JSONText
    /// Of the involved object.
    public var kind: JSONText
    /// Of the involved object.
    public var apiVersion: JSONText
    /// `source`.
    public var source: SourceText
    /// `reason`.
    public var reason: JSONText
    /// `type`.
    public var type: JSONText
    /// `fieldPath`.
    public var fieldPath: JSONText?
    /// The involved object's name, UTF-8.
    public var name: UnsafeBufferPointer<UInt8>
    /// UTF-8.
    public var message: UnsafeBufferPointer<UInt8>
    /// See `EventRow.extra`.
    public var extra: UnsafeBufferPointer<UInt8>?
    /// See `EventRow.raw`.
    public var raw: UnsafeBufferPointer<UInt8>?

    /// From the parts that each event has; the others are set afterwards.
    public init(
        time: Int64,
        shape: EventShape,
        cluster: JSONText,
        namespace: JSONText,
        kind: JSONText,
        apiVersion: JSONText,
        source: SourceText,
        reason: JSONText,
        type: JSONText
    ) {
        self.time = time
        self.shape = shape
        self.cluster = cluster
        self.namespace = namespace
        self.kind = kind
        self.apiVersion = apiVersion
        self.source = source
        self.reason = reason
        self.type = type
        firstBefore = 0
        name = UnsafeBufferPointer(start: nil, count: 0)
        message = UnsafeBufferPointer(start: nil, count: 0)
    }
}

/// A string that is already JSON text, quotes and escapes included.
public struct JSONText: Sendable, Equatable {
    /// UTF-8.
    public let bytes: [UInt8]

    /// From the parts that each event has; the others are set afterwards.
    public init(_ string: String) {
        var output = JSONOutput()
        output.write(string: string)
        bytes = output.bytes
    }
}

/// The four texts of an `EventSource`.
public struct SourceText: Sendable, Equatable {
    /// `component`.
    public let component: JSONText
    /// `host`.
    public let host: JSONText
    /// `reportingComponent`.
    public let reportingComponent: JSONText
    /// `reportingInstance`.
    public let reportingInstance: JSONText

    /// From the parts that each event has; the others are set afterwards.
    public init(_ source: EventSource) {
        component = JSONText(source.component)
        host = JSONText(source.host)
        reportingComponent = JSONText(source.reportingComponent)
        reportingInstance = JSONText(source.reportingInstance)
    }
}
