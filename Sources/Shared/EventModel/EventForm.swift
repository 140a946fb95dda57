public import JSON

/// The ways in which one and the same Event is written; all are brought to core/v1's names, with nothing lost.
enum EventForm {
    case coreV1
    /// events.k8s.io/v1 and v1beta1: `regarding`, `note`, and core/v1's fields as `deprecated...`.
    case eventsK8sIO
    /// Go's field names, as kubectl before 1.11 dumped its internal objects: `InvolvedObject`, and the metadata
    /// without a `metadata` around it.
    case capitalised

    /// - Parameter isKnownEvent: whether its surroundings already say that it is an event, as an EventList does.
    init(of object: JSONValue, isKnownEvent: Bool) throws(EventRejection) {
        guard object.kind == .object else { throw EventRejection(.notAnObject) }
        var (kind, apiVersion): (String?, String?)
        var names: Names = []
        for member in object.members {
            let key = member.key
            if key == "kind" {
                kind = member.value.string
            } else if key == "apiVersion" {
                apiVersion = member.value.string
            } else {
                names.formUnion(Names(key))
            }
        }
        let isEventsGroup = apiVersion.map(Self.isOfEventsGroup) ?? false
        if let kind, !kind.isEmpty, kind != "Event" { throw EventRejection(.otherKind(kind)) }
        if let apiVersion, !["", "v1", "__internal"].contains(apiVersion), !isEventsGroup {
            throw EventRejection(.otherKind("\(apiVersion) \(kind ?? "object")"))
        }
        let isEvent = isKnownEvent || kind == "Event" || !names.isDisjoint(with: .telling)
        guard isEvent else { throw EventRejection(.unrecognised) }
        if names.contains(.capitalisedInvolvedObject) {
            self = .capitalised
        } else if isEventsGroup || (!names.contains(.involvedObject) && !names.isDisjoint(with: [.regarding, .note])) {
            self = .eventsK8sIO
        } else {
            self = .coreV1
        }
    }

    private static func isOfEventsGroup(_ apiVersion: String) -> Bool {
        guard apiVersion.hasPrefix("events.k8s.io/") else { return false }
        return apiVersion.utf8.count { $0 == UInt8(ascii: "/") } == 1
    }

    /// Members that tell the forms apart.
    private struct Names: OptionSet {
        let rawValue: UInt8

        static let involvedObject = Names(rawValue: 1)
        static let regarding = Names(rawValue: 2)
        static let note = Names(rawValue: 4)
        static let capitalisedInvolvedObject = Names(rawValue: 8)

        static let telling: Names = [.involvedObject, .regarding, .capitalisedInvolvedObject]

        init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// Nothing for any other name.
        init(_ key: JSONValue.Key) {
            if key == "involvedObject" {
                self = .involvedObject
            } else if key == "regarding" {
                self = .regarding
            } else if key == "note" {
                self = .note
            } else if key == "InvolvedObject" {
                self = .capitalisedInvolvedObject
            } else {
                self = []
            }
        }
    }
}

extension Event {
    /// Reads an event in any of its forms.
    ///
    /// - Parameter isKnownEvent: whether the surroundings already say that it is an event, as an EventList or the
    ///   answer of the events endpoint does; otherwise it has to say so itself.
    /// - Throws: `EventRejection` if it is none, or says nowhere when it happened.
    public init(_ object: JSONValue, isKnownEvent: Bool = false) throws(EventRejection) {
        switch try EventForm(of: object, isKnownEvent: isKnownEvent) {
        case .coreV1: try self.init(coreV1: object)
        case .eventsK8sIO: try self.init(coreV1: EventConversion.fromEventsK8sIO(object))
        case .capitalised: try self.init(coreV1: EventConversion.fromCapitalised(object))
        }
    }
}
