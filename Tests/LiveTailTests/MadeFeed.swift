import EventReader
import EventSchema
import Synchronization
import TestSupport

@testable import LiveTail

extension FedEvent {
    /// An event with what a test cares about.
    static func made(
        _ number: Int = 1,
        place: Int = 1,
        cluster: String = "prod",
        namespace: String = "shop",
        kind: String = "Pod",
        apiVersion: String = "v1",
        reason: String = "BackOff",
        type: String = "Warning",
        component: String = "kubelet",
        name: String = "web-1",
        message: String = "text",
        json: String? = nil
    ) -> FedEvent {
        FedEvent(
            position: .made(number, place: place),
            json: Array((json ?? #"{"n":\#(number)}"#).utf8),
            cluster: JSONText(cluster),
            namespace: JSONText(namespace),
            kind: JSONText(kind),
            apiVersion: JSONText(apiVersion),
            reason: JSONText(reason),
            type: JSONText(type),
            component: JSONText(component),
            name: Array(name.utf8),
            message: Array(message.utf8)
        )
    }
}

extension FeedPosition {
    static func made(_ number: Int, place: Int = 1) -> FeedPosition {
        FeedPosition(
            transaction: UInt64(number),
            sequence: 1,
            place: Int32(place),
            witness: Int64(number * 1_000 + place)
        )
    }
}

/// A feed in memory, whose rows hold one event each.
final class MadeFeed: LiveFeed {
    struct State: Sendable {
        var events: [FedEvent] = [.made(1)]
        var failure: EventReaderError?
        var questions: [String] = []
    }

    let state = Observed(State())

    func append(_ event: FedEvent) { state.change { $0.events.append(event) } }

    private func asked(_ question: String) throws(EventReaderError) -> State {
        let state = state.change { state in
            state.questions.append(question)
            return state
        }
        if let failure = state.failure { throw failure }
        return state
    }

    func newestFeedPosition(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> FeedPosition {
        try asked("newest").events.last?.position ?? .origin
    }

    func standing(
        of positions: [FeedPosition],
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [FeedPage.Standing] {
        let events = try asked("standing").events
        return positions.map { Self.standing(of: $0, in: events) }
    }

    func feed(
        after position: FeedPosition,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> FeedPage {
        let events = try asked("feed").events
        let standing = Self.standing(of: position, in: events)
        guard standing == .held else { return FeedPage(standing: standing, end: position) }
        let behind = events.filter { $0.position > position }
        let page = Array(behind.prefix(limit))
        return FeedPage(events: page, end: page.last?.position ?? position, hasMore: behind.count > limit)
    }

    private static func standing(of position: FeedPosition, in events: [FedEvent]) -> FeedPage.Standing {
        if events.contains(where: { $0.position == position }) { return .held }
        return events.contains { $0.position > position } ? .lost : .ahead
    }
}

/// What a client makes of a stream. Source: HTML, section 9.2.6, "Interpreting an event stream".
struct StreamReader {
    struct Message: Equatable {
        var type = "message"
        var data: String
        var id: String
    }

    private(set) var messages: [Message] = []
    private(set) var lastEventID = ""
    private(set) var comments = 0
    private(set) var retry: Int?
    private var rest: [UInt8] = []
    private var data: [String] = []
    private var type = ""

    mutating func read(_ bytes: some Sequence<UInt8>) {
        rest += bytes
        while let end = rest.firstIndex(of: 0x0A) {
            line(String(decoding: rest[..<end], as: UTF8.self))
            rest.removeSubrange(...end)
        }
    }

    private mutating func line(_ line: String) {
        if line.isEmpty {
            if !data.isEmpty {
                messages.append(
                    Message(type: type.isEmpty ? "message" : type, data: data.joined(separator: "\n"), id: lastEventID)
                )
            }
            (data, type) = ([], "")
            return
        }
        if line.hasPrefix(":") {
            comments += 1
            return
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? String(parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1]) : ""
        switch parts[0] {
        case "id": lastEventID = value
        case "event": type = value
        case "data": data.append(value)
        case "retry": retry = Int(value)
        default: break
        }
    }
}
