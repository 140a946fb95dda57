/// The dictionaries of one cluster's events.
public struct EventDictionaries: Sendable {
    /// Of this cluster.
    public let namespaces: EventDictionary
    /// Kind and apiVersion.
    public let kinds = EventDictionary(table: "kind", id: "kind_id", columns: ["kind", "api_version"])
    /// `reason`.
    public let reasons = EventDictionary(table: "reason", id: "reason_id", columns: ["name"])
    /// `type`.
    public let types = EventDictionary(table: "event_type", id: "type_id", columns: ["name"])
    /// The four texts of an `EventSource`.
    public let sources = EventDictionary(
        table: "source",
        id: "source_id",
        columns: ["component", "host", "reporting_component", "reporting_instance"]
    )
    /// `involvedObject.fieldPath`.
    public let fieldPaths = EventDictionary(table: "field_path", id: "field_path_id", columns: ["path"])

    /// - Parameter clusterID: the row of `kee.cluster`.
    public init(clusterID: Int32) {
        namespaces = EventDictionary(table: "namespace", id: "ns_id", columns: ["name"], scope: clusterID)
    }

    /// The clusters themselves.
    public static func clusters() -> EventDictionary {
        EventDictionary(table: "cluster", id: "cluster_id", columns: ["name"])
    }
}
