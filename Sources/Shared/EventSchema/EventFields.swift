import JSON

/// A row of `kee.event` lent for writing: texts of the dictionaries already as JSON, the row's own as they came from
/// the database.
public struct EventFields {
    public var time: Int64
    public var shape: EventShape
    public var resourceVersion: Int64?
    public var nameSuffix: Int64?
    public var objectResourceVersion: Int64?
    public var uid: UUIDBits?
    public var objectUID: UUIDBits?
    public var firstBefore: Int32
    public var createdBefore: Int32?
    public var count: Int32?
    public var cluster: JSONText
    public var namespace: JSONText
    public var kind: JSONText
    public var apiVersion: JSONText
    public var source: SourceText
    public var reason: JSONText
    public var type: JSONText
    public var fieldPath: JSONText?
    public var name: UnsafeBufferPointer<UInt8>
    public var message: UnsafeBufferPointer<UInt8>
    public var extra: UnsafeBufferPointer<UInt8>?
    public var raw: UnsafeBufferPointer<UInt8>?

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
    public let bytes: [UInt8]

    public init(_ string: String) {
        var output = JSONOutput()
        output.write(string: string)
        bytes = output.bytes
    }
}

/// The four texts of an `EventSource`.
public struct SourceText: Sendable, Equatable {
    public let component: JSONText
    public let host: JSONText
    public let reportingComponent: JSONText
    public let reportingInstance: JSONText

    public init(_ source: EventSource) {
        component = JSONText(source.component)
        host = JSONText(source.host)
        reportingComponent = JSONText(source.reportingComponent)
        reportingInstance = JSONText(source.reportingInstance)
    }
}
