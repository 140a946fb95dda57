import Coverage
import Testing

@testable import Watch

/// A state machine, and what it was told and answered: a story of requests. Nothing in it takes time but `pass`.
final class WatchStory {
    var machine = WatchStateMachine()
    /// It begins a thousand seconds after 1970.
    var now = WatchMoment(instant: .now, microseconds: 1_000_000_000)
    var actions: [WatchStateMachine.Action] = []

    /// Begins from nothing.
    func start() { actions.append(machine.start(from: nil)) }

    /// Begins where an earlier run had come to.
    func resume(_ version: String, coveredUntil: Int64? = nil) {
        let until = coveredUntil ?? now.microseconds
        let stretch = CoverageStretch(since: 100_000_000, until: until, cause: .first)
        actions.append(machine.start(from: WatchPosition(resourceVersion: version, stretch: stretch)))
    }

    func compared(_ version: String) {
        actions.append(machine.compared(resourceVersion: version, asked: now, at: now, random: 0))
    }

    /// A page of a list with items of these versions, asked for a second before it comes.
    ///
    /// - Returns: the items that are to be handed on.
    @discardableResult
    func page(_ version: String, _ items: [String?] = [], continueToken: String? = nil) -> [String?] {
        let asked = now
        pass(.seconds(1))
        machine.pageArrived(resourceVersion: version, asked: asked, at: now)
        let wanted = items.filter { machine.itemArrived(version: $0) }
        actions.append(machine.pageTaken(continueToken: continueToken, random: 0))
        return wanted
    }

    func open() { machine.watchOpened(at: now) }
    func frame(_ version: String) { machine.advanced(to: version, at: now) }
    func oversized(_ version: String?) { machine.eventMissed(version: version, at: now) }
    func end() { actions.append(machine.watchEnded(at: now, random: 0)) }
    func fail(_ failure: WatchFailure) { actions.append(machine.failed(failure, at: now, random: 0)) }

    /// - Returns: whether there is something else to do than to read on.
    @discardableResult
    func malformed() -> Bool { act(machine.lineMalformed(at: now, random: 0)) }

    /// - Returns: whether there is something else to do than to read on.
    @discardableResult
    func silent() -> Bool { act(machine.silenceNoticed(at: now, random: 0)) }

    private func act(_ action: WatchStateMachine.Action?) -> Bool {
        if let action { actions.append(action) }
        return action != nil
    }

    func pass(_ duration: Duration) {
        now.instant += duration
        setClock(forward: duration)
    }

    /// Somebody sets the clock on the wall.
    func setClock(forward duration: Duration) {
        now.microseconds += Int64(duration / .microseconds(1))
    }

    /// What was asked since the last time this was looked at.
    func asked() -> [WatchStateMachine.Action] {
        defer { actions = [] }
        return actions
    }

    var version: String? { machine.position?.resourceVersion }
    var cause: CoverageStretch.Cause? { machine.position?.stretch.cause }
    /// Seconds since 1970.
    var since: Double? { machine.position.map { Double($0.stretch.since) / 1e6 } }
    /// Seconds since 1970.
    var until: Double? { machine.position.map { Double($0.stretch.until) / 1e6 } }
}

extension WatchStory {
    /// An open watch from version 10 that has brought nothing, at 1001 s, after a list that was asked for at 1000 s.
    static func quiet() -> WatchStory {
        let story = WatchStory()
        story.start()
        story.page("10", ["3", "9"])
        story.open()
        story.actions = []
        return story
    }

    /// An open watch that has just brought versions 11 and 12, at 1001 s.
    static func watching() -> WatchStory {
        let story = quiet()
        story.frame("11")
        story.frame("12")
        return story
    }

    /// The same after a silence that was found at 1046 s, with a second watch asked for.
    static func checking() -> WatchStory {
        let story = watching()
        story.pass(.seconds(45))
        story.silent()
        story.actions = []
        return story
    }
}

extension WatchStateMachine.Action {
    static func list(_ token: String? = nil, limit: Int = 500, after delay: Duration = .zero) -> Self {
        .list(continueToken: token, limit: limit, after: delay)
    }

    static func watch(_ version: String, after delay: Duration = .zero) -> Self {
        .watch(resourceVersion: version, timeoutSeconds: 300, after: delay)
    }

    static var compare: Self { .compare(after: .zero) }
}
