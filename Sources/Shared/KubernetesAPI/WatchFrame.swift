public import JSON

/// One line of a watch, or that there is none.
public enum WatchFrame: Sendable, Equatable {
    /// An object that is new to this watch.
    case added(JSONValue, resourceVersion: String)
    /// An object that changed.
    case modified(JSONValue, resourceVersion: String)
    /// An object that the server forgets, mostly because its hour is over: no news. Several can share a version.
    case deleted(JSONValue, resourceVersion: String)
    /// Nothing happened up to this version. Comes only where the server keeps a watch cache for events.
    ///
    /// - Parameter initialEventsEnd: the list that a WatchList begins with is complete.
    case bookmark(resourceVersion: String, initialEventsEnd: Bool)
    /// The server ends the watch and says why; 410 is the usual one.
    case error(KubernetesStatus)
    /// A line that was too long to be kept; what could still be read of its head.
    case oversized(OversizedWatchLine)
    /// A line that is no frame: why, and how it begins.
    case malformed(reason: String, prefix: [UInt8])
    /// No line: not a byte has come for as long as was asked for. The stream goes on, as far as can be told from here.
    case silence
}

/// What is known of a line that was longer than the limit.
public struct OversizedWatchLine: Sendable, Equatable {
    /// Its length in bytes.
    public let length: Int
    /// The type of the frame, such as `DELETED`.
    public let type: String?
    /// `metadata.namespace` of its object.
    public let namespace: String?
    /// `metadata.name` of its object.
    public let name: String?
    /// `metadata.resourceVersion` of its object.
    public let resourceVersion: String?
}

extension WatchFrame {
    /// The version that is reached when this frame has been dealt with, nil if the frame does not say.
    public var resourceVersion: String? {
        switch self {
        case .added(_, let version), .modified(_, let version), .deleted(_, let version): version
        case .bookmark(let version, _): version
        case .oversized(let line): line.resourceVersion
        case .error, .malformed, .silence: nil
        }
    }

    /// Reads one line of a watch. Never fails: what is no frame becomes `.malformed`.
    public init(line: [UInt8]) {
        do {
            self = try Self.parse(line)
        } catch {
            self = .malformed(reason: error.reason, prefix: Array(line.prefix(Self.keptPrefix)))
        }
    }

    /// How much of a malformed line is kept, in bytes.
    private static let keptPrefix = 256

    private struct Malformed: Error { let reason: String }

    private static func parse(_ line: [UInt8]) throws(Malformed) -> WatchFrame {
        let root: JSONValue
        do {
            root = try JSONDocument(parsing: line).root
        } catch {
            throw Malformed(reason: "no JSON: \(error)")
        }
        guard let type = root["type"]?.string else { throw Malformed(reason: "it has no type") }
        guard let object = root["object"], object.kind == .object else { throw Malformed(reason: "it has no object") }
        if type == "ERROR" { return .error(KubernetesStatus(object: object)) }
        let metadata = object["metadata"]
        guard let version = metadata?["resourceVersion"]?.string, !version.isEmpty else {
            throw Malformed(reason: "its object has no resourceVersion")
        }
        switch type {
        case "ADDED": return .added(object, resourceVersion: version)
        case "MODIFIED": return .modified(object, resourceVersion: version)
        case "DELETED": return .deleted(object, resourceVersion: version)
        case "BOOKMARK":
            let end = metadata?["annotations"]?["k8s.io/initial-events-end"]?.string
            return .bookmark(resourceVersion: version, initialEventsEnd: end == "true")
        default: throw Malformed(reason: "its type is unknown: \(type.prefix(40))")
        }
    }
}

extension WatchFrame {
    /// A line as the splitter cut it.
    public init(_ line: WatchLineSplitter.Line) {
        switch line {
        case .complete(let bytes): self.init(line: bytes)
        case .oversized(let prefix, let length): self = .oversized(OversizedWatchLine(prefix: prefix, length: length))
        }
    }
}

extension OversizedWatchLine {
    /// Reads what it can out of the head of a line that was cut off.
    ///
    /// API servers write `metadata` first and in it name, namespace and resourceVersion before anything that an author
    /// of events can fill, so the first occurrence of each is the object's own.
    init(prefix: [UInt8], length: Int) {
        let text = String(decoding: prefix, as: UTF8.self)
        let metadata = text.firstRange(of: "\"metadata\":{").map { text[$0.upperBound...] }
        func value(_ key: String, in head: Substring?) -> String? {
            guard let head, let start = head.firstRange(of: "\"\(key)\":\"")?.upperBound,
                let end = head[start...].firstIndex(of: "\"")
            else { return nil }
            return String(head[start..<end])
        }
        self.init(
            length: length,
            // The type comes first of all: `{"type":"ADDED","object":{...`.
            type: text.hasPrefix("{\"type\":\"") ? value("type", in: text[...]) : nil,
            namespace: value("namespace", in: metadata),
            name: value("name", in: metadata),
            resourceVersion: value("resourceVersion", in: metadata)
        )
    }
}
