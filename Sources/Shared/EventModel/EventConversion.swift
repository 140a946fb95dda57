import JSON

/// Writes an event again under core/v1's names. The values stay as they are.
enum EventConversion {
    /// Source: kubernetes `pkg/apis/events/v1/conversion.go`.
    static func fromEventsK8sIO(_ object: JSONValue) throws(EventRejection) -> JSONValue {
        var output = JSONOutput(capacity: object.rawBytes.count + 64)
        output.write(object, renaming: topOfEventsK8sIO) { output, key, value in
            guard key == "apiVersion" else { return false }
            output.write(string: value.string?.isEmpty == false ? "v1" : value.string ?? "")
            return true
        }
        return try parse(output.bytes)
    }

    /// Source: kubernetes 1.10 `pkg/apis/core/types.go`, whose Event embeds an ObjectMeta with JSON names.
    static func fromCapitalised(_ object: JSONValue) throws(EventRejection) -> JSONValue {
        var output = JSONOutput(capacity: object.rawBytes.count + 64)
        let hasMetadata = object["metadata"] != nil
        var metadata = JSONOutput()
        if !hasMetadata {
            metadata.write("{")
            for member in object.members where objectMeta.contains(member.key.string) {
                metadata.writeName(nil, or: member.key, isFirst: metadata.count == 1)
                metadata.write(member.value)
            }
            metadata.write("}")
        }
        let names = available(topOfCapitalised, in: object)
        output.write("{")
        if !hasMetadata {
            output.write("\"metadata\":")
            output.write(metadata.bytes)
        }
        for member in object.members {
            let key = member.key.string
            if !hasMetadata, objectMeta.contains(key) { continue }
            output.writeName(names[key], or: member.key, isFirst: output.count == 1)
            switch key {
            case "InvolvedObject", "Related", "Source", "Series":
                output.write(member.value, renaming: nestedOfCapitalised) { _, _, _ in false }
            default:
                output.write(member.value)
            }
        }
        output.write("}")
        return try parse(output.bytes)
    }

    private static func parse(_ bytes: [UInt8]) throws(EventRejection) -> JSONValue {
        do throws(JSONError) {
            return try JSONDocument(parsing: bytes).root
        } catch {
            throw EventRejection(.malformed("\(error)"))
        }
    }

    /// A new name is taken only where the object does not have it already. Found once for each name, not for each member:
    /// of these there can be many thousands.
    fileprivate static func available(_ names: [String: String], in object: JSONValue) -> [String: String] {
        names.filter { object[$0.value] == nil }
    }

    private static let topOfEventsK8sIO = [
        "regarding": "involvedObject", "note": "message", "reportingController": "reportingComponent",
        "deprecatedSource": "source", "deprecatedFirstTimestamp": "firstTimestamp",
        "deprecatedLastTimestamp": "lastTimestamp", "deprecatedCount": "count",
    ]

    private static let objectMeta: Set<String> = [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
        "initializers", "clusterName", "managedFields",
    ]

    private static let topOfCapitalised = [
        "InvolvedObject": "involvedObject", "Reason": "reason", "Message": "message", "Source": "source",
        "FirstTimestamp": "firstTimestamp", "LastTimestamp": "lastTimestamp", "Count": "count", "Type": "type",
        "EventTime": "eventTime", "Series": "series", "Action": "action", "Related": "related",
        "ReportingController": "reportingComponent", "ReportingInstance": "reportingInstance",
    ]

    private static let nestedOfCapitalised = [
        "Kind": "kind", "Namespace": "namespace", "Name": "name", "UID": "uid", "APIVersion": "apiVersion",
        "ResourceVersion": "resourceVersion", "FieldPath": "fieldPath", "Component": "component", "Host": "host",
        "LastObservedTime": "lastObservedTime", "State": "state", "Count": "count",
    ]
}

extension JSONOutput {
    /// Appends an object with other names for some of its members, and any other value as it is.
    ///
    /// - Parameter value: may write a member's value itself, and says whether it did.
    fileprivate mutating func write(
        _ object: JSONValue,
        renaming names: [String: String],
        value: (inout JSONOutput, String, JSONValue) -> Bool
    ) {
        guard object.kind == .object else { return write(object) }
        let names = EventConversion.available(names, in: object)
        write("{")
        var isFirst = true
        for member in object.members {
            let key = member.key.string
            writeName(names[key], or: member.key, isFirst: isFirst)
            isFirst = false
            if !value(&self, key, member.value) { write(member.value) }
        }
        write("}")
    }

    fileprivate mutating func writeName(_ name: String?, or key: JSONValue.Key, isFirst: Bool) {
        if !isFirst { write(",") }
        if let name { write(string: name) } else { write(key.json) }
        write(":")
    }
}
