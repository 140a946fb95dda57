public import JSON

/// A document that may hold events: an EventList, a List, a single Event, or a frame of a watch.
public enum EventDocument {
    /// What one place in a document holds.
    public typealias Item = Result<Event, EventRejection>

    /// Calls `body` for each event of a document, and for each thing that should be one and is not, in order.
    ///
    /// DELETED, BOOKMARK and ERROR frames are no events: nothing is called for them.
    public static func forEachItem(of root: JSONValue, _ body: (Item) throws -> Void) rethrows {
        switch Shape(of: root) {
        case .list(let items, let areEvents):
            for item in items.elements { try body(read(item, isKnownEvent: areEvents)) }
        case .frame(let object): try body(read(object, isKnownEvent: false))
        case .nothing: return
        case .single: try body(read(root, isKnownEvent: false))
        case .foreign(let kind): try body(.failure(EventRejection(.otherKind(kind))))
        }
    }

    /// Reads one object.
    public static func read(_ object: JSONValue, isKnownEvent: Bool) -> Item {
        do throws(EventRejection) {
            return .success(try Event(object, isKnownEvent: isKnownEvent))
        } catch {
            return .failure(error)
        }
    }

    private enum Shape {
        case list(JSONValue, areEvents: Bool)
        case frame(JSONValue)
        case nothing
        case single
        case foreign(String)

        init(of root: JSONValue) {
            let kind = root["kind"]?.string ?? ""
            if let items = root["items"] ?? root["Items"], root["involvedObject"] == nil {
                switch kind {
                case "EventList", "List", "":
                    guard items.kind == .array || items.kind == .null else {
                        self = .foreign("a list whose items are no list")
                        return
                    }
                    // Items of a list without a kind, as old kubectl dumped it, have to show by themselves what they are.
                    self = .list(items, areEvents: kind == "EventList")
                default: self = .foreign(kind)
                }
            } else if let object = root["object"], let type = root["type"]?.string, kind.isEmpty {
                switch type {
                case "ADDED", "MODIFIED": self = .frame(object)
                case "DELETED", "BOOKMARK", "ERROR": self = .nothing
                default: self = .foreign("a watch frame of type \(type.prefix(32))")
                }
            } else {
                // A list without items is an empty one: Go writes null, and some writers leave it out.
                self = kind == "EventList" ? .nothing : .single
            }
        }
    }
}
