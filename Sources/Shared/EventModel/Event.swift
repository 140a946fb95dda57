public import JSON

/// A core/v1 Event as it was received: its JSON, and handles on the members that KEE knows.
///
/// Nothing is interpreted away: a handle is the JSON value that stood there (which may be null, empty or of the wrong
/// type), and what has no handle is in `others`, so that the event can be written again without loss. Of a duplicated
/// key the last one counts. `metadata.managedFields` is the one thing dropped.
///
/// Source of the fields: Kubernetes API reference, Event v1 core.
public struct Event: Sendable {
    /// The whole object, in core/v1's names.
    public let body: JSONValue
    /// When it happened, in microseconds since 1970; see `Event.time(of:)` for the rule.
    public private(set) var time: Int64 = 0
    /// `metadata`, if it is an object.
    public private(set) var metadata: Metadata?
    /// `involvedObject`, if it is an object.
    public private(set) var involvedObject: ObjectReference?
    /// `source`, if it is an object.
    public private(set) var source: Source?

    /// `kind`, as it stands.
    public private(set) var kind: JSONValue?
    /// `apiVersion`, as it stands.
    public private(set) var apiVersion: JSONValue?
    /// `reason`, as it stands.
    public private(set) var reason: JSONValue?
    /// `message`, as it stands.
    public private(set) var message: JSONValue?
    /// `type`, as it stands.
    public private(set) var type: JSONValue?
    /// `count`, as it stands.
    public private(set) var count: JSONValue?
    /// `firstTimestamp`, as it stands.
    public private(set) var firstTimestamp: JSONValue?
    /// `lastTimestamp`, as it stands.
    public private(set) var lastTimestamp: JSONValue?
    /// `eventTime`, as it stands.
    public private(set) var eventTime: JSONValue?
    /// `reportingComponent`, as it stands.
    public private(set) var reportingComponent: JSONValue?
    /// `reportingInstance`, as it stands.
    public private(set) var reportingInstance: JSONValue?
    /// `series`, as it stands; it is in `others` as well.
    public private(set) var series: JSONValue?
    /// Members at the top without a handle, and those with one whose value is not an object where one belongs.
    public private(set) var others: [JSONValue.Member] = []

    /// `metadata` of an event.
    public struct Metadata: Sendable {
        /// `name`, as it stands.
        public fileprivate(set) var name: JSONValue?
        /// `namespace`, as it stands.
        public fileprivate(set) var namespace: JSONValue?
        /// `uid`, as it stands.
        public fileprivate(set) var uid: JSONValue?
        /// `resourceVersion`, as it stands.
        public fileprivate(set) var resourceVersion: JSONValue?
        /// `creationTimestamp`, as it stands.
        public fileprivate(set) var creationTimestamp: JSONValue?
        /// All else but `managedFields`: labels, annotations, selfLink and so on.
        public fileprivate(set) var others: [JSONValue.Member] = []
    }

    /// `involvedObject`: what the event is about.
    public struct ObjectReference: Sendable {
        /// `kind`, as it stands.
        public fileprivate(set) var kind: JSONValue?
        /// `namespace`, as it stands.
        public fileprivate(set) var namespace: JSONValue?
        /// `name`, as it stands.
        public fileprivate(set) var name: JSONValue?
        /// `uid`, as it stands.
        public fileprivate(set) var uid: JSONValue?
        /// `apiVersion`, as it stands.
        public fileprivate(set) var apiVersion: JSONValue?
        /// `resourceVersion`, as it stands.
        public fileprivate(set) var resourceVersion: JSONValue?
        /// `fieldPath`, as it stands.
        public fileprivate(set) var fieldPath: JSONValue?
        /// `others`, as it stands.
        public fileprivate(set) var others: [JSONValue.Member] = []
    }

    /// `source`: who reported it, as classic recorders say.
    public struct Source: Sendable {
        /// `component`, as it stands.
        public fileprivate(set) var component: JSONValue?
        /// `host`, as it stands.
        public fileprivate(set) var host: JSONValue?
        /// `others`, as it stands.
        public fileprivate(set) var others: [JSONValue.Member] = []
    }

    /// - Parameter body: an object in core/v1's names; see `EventForm` for the others.
    /// - Throws: `EventRejection` if it says nowhere when it happened.
    init(coreV1 body: JSONValue) throws(EventRejection) {
        self.body = body
        for member in body.members { take(member) }
        dropDuplicates()
        guard let time = Event.time(of: self) else { throw EventRejection(.noTime) }
        self.time = time
    }

    private mutating func take(_ member: JSONValue.Member) {
        let (key, value) = (member.key, member.value)
        if key == "metadata" {
            metadata = Metadata(value)
            keep(member, isOther: metadata == nil)
        } else if key == "involvedObject" {
            involvedObject = ObjectReference(value)
            keep(member, isOther: involvedObject == nil)
        } else if key == "source" {
            source = Source(value)
            keep(member, isOther: source == nil)
        } else if key == "reason" {
            reason = value
        } else if key == "message" {
            message = value
        } else if key == "type" {
            type = value
        } else if key == "count" {
            count = value
        } else if key == "firstTimestamp" {
            firstTimestamp = value
        } else if key == "lastTimestamp" {
            lastTimestamp = value
        } else if key == "eventTime" {
            eventTime = value
        } else if key == "reportingComponent" {
            reportingComponent = value
        } else if key == "reportingInstance" {
            reportingInstance = value
        } else if key == "kind" {
            kind = value
        } else if key == "apiVersion" {
            apiVersion = value
        } else {
            if key == "series" { series = value }
            others.append(member)
        }
    }

    private mutating func keep(_ member: JSONValue.Member, isOther: Bool) {
        if isOther { others.append(member) }
    }

    /// Of duplicated names only the last is anywhere; of `metadata`, `involvedObject` and `source` also if the last is an
    /// object and one before it was not.
    private mutating func dropDuplicates() {
        guard !others.isEmpty else { return }
        others.keepLast()
        if metadata != nil { others.removeAll { $0.key == "metadata" } }
        if involvedObject != nil { others.removeAll { $0.key == "involvedObject" } }
        if source != nil { others.removeAll { $0.key == "source" } }
    }
}

extension Event.Metadata {
    fileprivate init?(_ object: JSONValue) {
        guard object.kind == .object else { return nil }
        for member in object.members {
            let (key, value) = (member.key, member.value)
            if key == "name" {
                name = value
            } else if key == "namespace" {
                namespace = value
            } else if key == "uid" {
                uid = value
            } else if key == "resourceVersion" {
                resourceVersion = value
            } else if key == "creationTimestamp" {
                creationTimestamp = value
            } else if !(key == "managedFields") {
                others.append(member)
            }
        }
        others.keepLast()
    }
}

extension Event.ObjectReference {
    fileprivate init?(_ object: JSONValue) {
        guard object.kind == .object else { return nil }
        for member in object.members {
            let (key, value) = (member.key, member.value)
            if key == "kind" {
                kind = value
            } else if key == "namespace" {
                namespace = value
            } else if key == "name" {
                name = value
            } else if key == "uid" {
                uid = value
            } else if key == "apiVersion" {
                apiVersion = value
            } else if key == "resourceVersion" {
                resourceVersion = value
            } else if key == "fieldPath" {
                fieldPath = value
            } else {
                others.append(member)
            }
        }
        others.keepLast()
    }
}

extension Event.Source {
    fileprivate init?(_ object: JSONValue) {
        guard object.kind == .object else { return nil }
        for member in object.members {
            if member.key == "component" {
                component = member.value
            } else if member.key == "host" {
                host = member.value
            } else {
                others.append(member)
            }
        }
        others.keepLast()
    }
}

extension [JSONValue.Member] {
    /// Drops what a later member of the same name replaces.
    fileprivate mutating func keepLast() {
        guard count > 1 else { return }
        // Most events have a few; a hostile one has a hundred thousand.
        if count <= 8 {
            for index in indices.dropLast().reversed() {
                let key = self[index].key
                if self[(index + 1)...].contains(where: { $0.key == key }) { remove(at: index) }
            }
        } else {
            var met: Set<JSONValue.Key> = []
            self = Array(reversed().filter { met.insert($0.key).inserted }.reversed())
        }
    }
}
