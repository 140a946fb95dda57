import EventReader

/// The events of a page, each written and folded once, when the first listener wants it.
struct PageFrames {
    private let events: [FedEvent]
    private var frames: [[UInt8]?]
    private var messages: [FoldedText?]

    init(_ page: FeedPage) {
        events = page.events
        frames = Array(repeating: nil, count: events.count)
        messages = Array(repeating: nil, count: events.count)
    }

    /// Which events lie between two positions, the second included.
    func indices(behind start: FeedPosition, upTo end: FeedPosition) -> Range<Int> {
        let first = index(behind: start)
        return first..<max(first, index(behind: end))
    }

    func position(_ index: Int) -> FeedPosition { events[index].position }

    mutating func matches(_ index: Int, _ matcher: EventMatcher) -> Bool {
        if matcher.wantsMessage, messages[index] == nil { messages[index] = FoldedText(utf8: events[index].message) }
        let folded = messages[index]
        return matcher.matches(events[index]) { folded ?? FoldedText("") }
    }

    subscript(index: Int) -> [UInt8] {
        mutating get {
            if let frame = frames[index] { return frame }
            let frame = EventStreamFrame.event(events[index])
            frames[index] = frame
            return frame
        }
    }

    /// Of the first event behind a position.
    private func index(behind position: FeedPosition) -> Int {
        var (low, high) = (0, events.count)
        while low < high {
            let middle = (low + high) / 2
            if events[middle].position <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
