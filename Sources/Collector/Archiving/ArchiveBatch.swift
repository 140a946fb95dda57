import Coverage
import EventModel
import EventWriter
import JSON

/// What goes into the archive in one transaction: events, what is kept aside, and what is reached with them.
struct ArchiveBatch: Sendable {
    private(set) var events: [Event] = []
    private(set) var refused: [RefusedEvent] = []
    /// In the order in which they were reached: the last of each stretch, for each namespace.
    private(set) var cursors: [WatchCursor] = []

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

    /// Notes that with this batch a position is reached. It replaces an earlier one of the same stretch; of a stretch
    /// that has ended the end counts.
    mutating func reach(_ position: WatchPosition?, in namespace: String?) {
        guard let position else { return }
        cursors.removeAll { $0.namespace == namespace && $0.position.stretch.since == position.stretch.since }
        cursors.append(WatchCursor(namespace: namespace, position: position))
    }
}
