import Coverage
import EventModel
import EventWriter
import JSON

/// What goes into the archive in one transaction: events, what is kept aside, and what is reached with them.
struct ArchiveBatch: Sendable {
    private(set) var events: [Event] = []
    private(set) var refused: [RefusedEvent] = []
    private var positions: [String: WatchPosition] = [:]

    /// One for each namespace.
    var cursors: [WatchCursor] {
        positions.sorted { $0.key < $1.key }.map { namespace, position in
            WatchCursor(namespace: namespace.isEmpty ? nil : namespace, position: position)
        }
    }

    /// Takes an object that came as an event, as one or as refused.
    mutating func add(_ object: JSONValue) {
        switch EventDocument.read(object, isKnownEvent: true) {
        case .success(let event): events.append(event)
        case .failure(let rejection): refused.append(RefusedEvent(body: object.jsonBytes, reason: "\(rejection)"))
        }
    }

    /// Takes the text of an object that came as an event.
    mutating func add(body: [UInt8]) {
        do {
            add(try JSONDocument(parsing: body).root)
        } catch {
            refused.append(RefusedEvent(body: body[...], reason: "\(error)"))
        }
    }

    /// Notes that with this batch a position is reached. Later ones replace earlier ones.
    mutating func reach(_ position: WatchPosition?, in namespace: String?) {
        if let position { positions[namespace ?? ""] = position }
    }
}
