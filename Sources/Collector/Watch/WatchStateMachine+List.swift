/// Lists.
extension WatchStateMachine {
    /// A page of the list has come; its items follow.
    ///
    /// - Parameter asked: when it was asked for.
    mutating func pageArrived(resourceVersion: String, asked: WatchMoment, at now: WatchMoment) {
        guard case .listing(var list, let stream) = state else {
            preconditionFailure("a page came that nobody asked for")
        }
        succeeded(at: now)
        list.pageArrived(version: resourceVersion, asked: asked, at: now)
        state = .listing(list, beside: stream)
    }

    /// An item of the page.
    ///
    /// - Parameter version: its own; nil if it has none.
    /// - Returns: whether it is to be handed on.
    mutating func itemArrived(version: String?) -> Bool {
        guard case .listing(var list, let stream) = state else { preconditionFailure("an item came outside a list") }
        let isWanted = list.itemArrived(version: version, known: reach)
        state = .listing(list, beside: stream)
        return isWanted
    }

    /// All items of the page are handed on.
    ///
    /// - Parameter continueToken: what asks for the next page; nil if this was the last.
    mutating func pageTaken(continueToken: String?, random: Double) -> Action {
        guard case .listing(var list, let stream) = state else {
            preconditionFailure("a page was taken that nobody asked for")
        }
        if let continueToken {
            list.continueToken = continueToken
            return ask(for: list, beside: stream)
        }
        let before = reach
        reach = list.conclusion(known: before, trusting: options.eventLifetimeTrusted)
        if reach != before {
            target = nil
            compareDue = nil
            malformedAfter = nil
            emptyWatches = 0
        }
        return watch(random: random, beside: stream)
    }

    mutating func list(
        _ validity: WatchList.Validity,
        after delay: Duration = .zero,
        beside stream: Stream? = nil
    ) -> Action {
        ask(for: WatchList(validity, limit: options.pageLimit), after: delay, beside: stream)
    }

    mutating func ask(for list: WatchList, after delay: Duration = .zero, beside stream: Stream? = nil) -> Action {
        state = .listing(list, beside: stream)
        return .list(continueToken: list.continueToken, limit: list.limit, after: delay)
    }
}
