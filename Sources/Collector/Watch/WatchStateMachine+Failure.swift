/// Failures.
extension WatchStateMachine {
    /// The request, or the open stream, has failed.
    mutating func failed(_ failure: WatchFailure, at now: WatchMoment, random: Double) -> Action {
        var beside = state.watchBeside
        var pace = beside?.checkBackoff ?? backoff
        pace.failed(at: now.instant)
        let delay = delay(after: failure, pacedBy: &pace, random: random)
        if beside == nil { backoff = pace } else { beside?.checkBackoff = pace }
        wasUnauthorized = failure == .unauthorized
        switch state {
        case .idle:
            preconditionFailure("a request failed that was never made")
        case .listing(var list, _):
            // Events can be 1.5 MB each, etcd's limit for an object: then fewer of them make a page.
            if failure == .pageTooLarge, list.limit > 1 {
                list.limit = max(list.limit / 4, 1)
                return ask(for: list, after: delay, beside: beside)
            }
            if let beside { return goOn(reading: beside, checkingAfter: delay, now) }
            // A page whose token has expired, or is not understood, ends this list: what the fresh token of a 410
            // would continue is no longer the list that was begun.
            let isOver = failure == .expired || failure == .rejected
            return ask(for: isOver ? list.again(limit: options.pageLimit) : list, after: delay)
        case .comparing:
            guard let beside else { return compare(after: delay) }
            compareDue = now.instant + delay
            state = .open(beside)
            return .read
        case .opening:
            if failure == .expired { return list(.expired, after: delay) }
            if let beside { return goOn(reading: beside, checkingAfter: delay, now) }
            return goOn(after: failure, delay, random)
        case .open:
            return failure == .expired ? list(.expired, after: delay) : goOn(after: failure, delay, random)
        }
    }

    /// The request beside a silent watch has failed: the watch may be alive all the same.
    private mutating func goOn(reading stream: Stream, checkingAfter delay: Duration, _ now: WatchMoment) -> Action {
        var stream = stream
        stream.checkDue = now.instant + delay
        state = .open(stream)
        return .read
    }

    private mutating func goOn(after failure: WatchFailure, _ delay: Duration, _ random: Double) -> Action {
        failure.mayBeAnotherServer ? compare(after: delay) : watch(random: random, after: delay)
    }

    private mutating func delay(
        after failure: WatchFailure,
        pacedBy pace: inout WatchBackoff,
        random: Double
    ) -> Duration {
        switch failure {
        case .expired:
            if mayListAtOnce {
                mayListAtOnce = false
                return .zero
            }
            return pace.nextDelay(random: random)
        case .truncated, .malformed:
            if mayRetryAtOnce {
                mayRetryAtOnce = false
                return .zero
            }
            return pace.nextDelay(random: random)
        case .unauthorized:
            // The token has most likely been rotated; the client reads it again.
            return wasUnauthorized ? pace.nextDelay(random: random) : .zero
        case .tooManyRequests(let retryAfter), .unavailable(let retryAfter):
            let wanted = min(retryAfter ?? .zero, options.longestRetryAfter)
            return max(wanted, pace.nextDelay(random: random))
        case .pageTooLarge:
            if case .listing(let list, _) = state, list.limit > 1 { return .zero }
            return pace.nextDelay(random: random)
        case .refused, .forbidden, .rejected:
            return pace.nextDelay(random: random)
        }
    }
}

extension WatchFailure {
    /// What answers next may be another server, or the same after its etcd was restored.
    fileprivate var mayBeAnotherServer: Bool {
        switch self {
        case .refused, .truncated, .unavailable: true
        case .expired, .unauthorized, .forbidden, .tooManyRequests, .rejected, .pageTooLarge, .malformed: false
        }
    }
}
