public import Foundation

extension FakeAPIServer {
    /// An event as a kubelet would report it.
    public struct Event: Sendable, Equatable {
        /// `metadata.namespace`.
        public var namespace: String
        /// `metadata.name`; of the object too.
        public var name: String
        /// `metadata.uid`.
        public var uid: String
        /// `reason`.
        public var reason: String
        /// `message`.
        public var message: String
        /// `type`.
        public var type: String
        /// `count`.
        public var count: Int
        /// `firstTimestamp` and `metadata.creationTimestamp`; whole seconds count.
        public var firstTimestamp: Date
        /// `lastTimestamp`; whole seconds count.
        public var lastTimestamp: Date

        /// An event that was seen once, now, under a new uid.
        public init(
            namespace: String = "default",
            name: String,
            uid: String = UUID().uuidString.lowercased(),
            reason: String = "Pulled",
            message: String = "Container image \"c\" already present on machine",
            type: String = "Normal",
            count: Int = 1,
            time: Date = Date()
        ) {
            self.namespace = namespace
            self.name = name
            self.uid = uid
            self.reason = reason
            self.message = message
            self.type = type
            self.count = count
            firstTimestamp = time
            lastTimestamp = time
        }

        /// The same event seen once more.
        public func again(at time: Date = Date()) -> Event {
            var event = self
            event.count += 1
            event.lastTimestamp = time
            return event
        }

        /// Its JSON as an API server writes it.
        ///
        /// - Parameter isItem: as an item of a list, which carries neither kind nor apiVersion.
        func json(resourceVersion: Int, isItem: Bool) -> String {
            let first = firstTimestamp.formatted(.iso8601)
            let last = lastTimestamp.formatted(.iso8601)
            let typeMeta = isItem ? "" : #""kind":"Event","apiVersion":"v1","#
            return "{\(typeMeta)\"metadata\":{\"name\":\(Self.quoted(name)),\"namespace\":\(Self.quoted(namespace)),"
                + "\"uid\":\(Self.quoted(uid)),\"resourceVersion\":\"\(resourceVersion)\","
                + "\"creationTimestamp\":\"\(first)\",\"managedFields\":[{\"manager\":\"kubelet\","
                + "\"operation\":\"Update\",\"apiVersion\":\"v1\",\"time\":\"\(last)\",\"fieldsType\":\"FieldsV1\","
                + "\"fieldsV1\":{\"f:count\":{},\"f:firstTimestamp\":{},\"f:involvedObject\":{},"
                + "\"f:lastTimestamp\":{},\"f:message\":{},\"f:reason\":{},\"f:reportingComponent\":{},"
                + "\"f:reportingInstance\":{},\"f:source\":{\"f:component\":{},\"f:host\":{}},\"f:type\":{}}}]},"
                + "\"involvedObject\":{\"kind\":\"Pod\",\"namespace\":\(Self.quoted(namespace)),"
                + "\"name\":\(Self.quoted(name)),\"apiVersion\":\"v1\"},\"reason\":\(Self.quoted(reason)),"
                + "\"message\":\(Self.quoted(message)),\"source\":{\"component\":\"kubelet\",\"host\":\"hollow-1\"},"
                + "\"firstTimestamp\":\"\(first)\",\"lastTimestamp\":\"\(last)\",\"count\":\(count),"
                + "\"type\":\(Self.quoted(type)),\"eventTime\":null,\"reportingComponent\":\"kubelet\","
                + "\"reportingInstance\":\"hollow-1\"}"
        }

        /// A JSON string as Go writes it.
        static func quoted(_ text: String) -> String {
            var result = "\""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"": result += "\\\""
                case "\\": result += "\\\\"
                case "\n": result += "\\n"
                case "\r": result += "\\r"
                case "\t": result += "\\t"
                case "<", ">", "&", "\u{0}"..<" ", "\u{2028}", "\u{2029}":
                    result += String(format: "\\u%04x", scalar.value)
                default: result.unicodeScalars.append(scalar)
                }
            }
            return result + "\""
        }
    }
}
