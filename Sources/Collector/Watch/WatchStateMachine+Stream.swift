internal import Coverage

/// An open watch.
extension WatchStateMachine {
    /// An object or a bookmark of this version has come.
    mutating func advanced(to version: String, at now: WatchMoment) {
        frameCame(at: now, "a frame came outside a watch") { machine, stream in
            let target = machine.target.flatMap { target in
                ResourceVersion.isOlder(version, than: target.version) ?? false ? target : nil
            }
            // The server was there when it was asked, and all that it had then is brought.
            if target == nil, let reached = machine.target { machine.reach?.cover(until: reached.asked) }
            machine.target = target
            // A backlog tells of what happened long before now: how far it reaches in time is known at its end.
            let isFresh = target == nil && machine.compareDue == nil
            let delay = machine.options.longestFreshDelay
            if isFresh { machine.reach?.cover(until: now, delayedBy: delay) }
            // What comes again at the same version (several DELETEDs share one) is no proof of progress; nor is what a
            // watch still brings after a list beside it has reached further.
            guard let reached = machine.reach?.version, version != reached,
                !(ResourceVersion.isOlder(version, than: reached) ?? false)
            else { return }
            stream.advanced = true
            machine.reach?.advance(to: version, newestAt: isFresh ? now.instant : nil)
            machine.mayRetryAtOnce = true
            machine.mayListAtOnce = true
            machine.malformedAfter = nil
            machine.emptyWatches = 0
        }
    }

    /// What a frame brought is handed on.
    ///
    /// If that took long, the frames behind it have waited, and that they come now says nothing about until when
    /// nothing is missing. The version that the server shows now does, once the watch has reached it.
    ///
    /// - Returns: nil to read on.
    mutating func frameTaken(at now: WatchMoment) -> Action? {
        guard case .open(let stream) = state else { preconditionFailure("a frame was taken outside a watch") }
        if now.instant - stream.frameAt >= options.longestFreshDelay { compareDue = compareDue ?? now.instant }
        guard let compareDue, compareDue <= now.instant else { return nil }
        return compare(beside: stream)
    }

    /// A line has come that is no frame. The stream may be damaged, so the watch is opened again from the last good
    /// version; if the same place is bad again, the line is, and is passed over: its event is missing.
    ///
    /// - Returns: nil to read on.
    mutating func lineMalformed(at now: WatchMoment, random: Double) -> Action? {
        guard case .open = state, let version = reach?.version else {
            preconditionFailure("a line came outside a watch")
        }
        guard malformedAfter == version else {
            malformedAfter = version
            return failed(.malformed, at: now, random: random)
        }
        eventMissed(at: now)
        return nil
    }

    /// An event has come that was not taken. What is covered ends before it, and begins anew after it.
    ///
    /// - Parameter version: of the event, where it could be read.
    mutating func eventMissed(version: String? = nil, at now: WatchMoment) {
        if let version { advanced(to: version, at: now) }
        frameCame(at: now, "an event was missed outside a watch") { machine, _ in
            machine.reach?.beginAnew(at: now, cause: .unreadable)
        }
    }

    /// Nothing has come for a while. That is no error, but a connection that is dead without a FIN looks the same, and
    /// so does a version that the server has not reached.
    ///
    /// - Returns: nil to read on.
    mutating func silenceNoticed(at now: WatchMoment, random: Double) -> Action? {
        guard case .open(let stream) = state, let reach else { preconditionFailure("a notice came outside a watch") }
        guard now.instant >= stream.checkDue else { return nil }
        if stream.isSilent {
            // It would have brought at once whatever happened between its version and its opening.
            self.reach?.cover(until: stream.openedAt)
            target = nil
            compareDue = nil
        }
        return reach.isFresh(at: now.instant, for: options.versionRefresh)
            ? watch(random: random, beside: stream) : list(.valid, beside: stream)
    }

    /// The watch has ended cleanly, as it does after its `timeoutSeconds`.
    mutating func watchEnded(at now: WatchMoment, random: Double) -> Action {
        guard case .open(let stream) = state else { preconditionFailure("a watch ended that was not open") }
        guard !stream.advanced, now.instant - stream.openedAt.instant < options.shortestEmptyWatch else {
            emptyWatches = 0
            return watch(random: random)
        }
        backoff.failed(at: now.instant)
        let delay = backoff.nextDelay(random: random)
        emptyWatches += 1
        // A server can end a watch from a version that is too old this way instead of with a 410 (kubernetes#104171).
        // A list tells; but if it has news and the watch that should bring them ends like this again, the version is
        // of no use.
        return switch emptyWatches {
        case 2: list(.valid, after: delay)
        case 4...: list(.expired, after: delay)
        default: watch(random: random, after: delay)
        }
    }

    private mutating func frameCame(
        at now: WatchMoment,
        _ otherwise: String,
        _ change: (inout Self, inout Stream) -> Void
    ) {
        guard case .open(var stream) = state else { preconditionFailure(otherwise) }
        stream.isSilent = false
        stream.frameAt = now.instant
        stream.checkDue = now.instant + options.silence
        stream.checkBackoff = WatchBackoff(options)
        change(&self, &stream)
        state = .open(stream)
    }
}
