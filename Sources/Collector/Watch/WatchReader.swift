internal import JSON
internal import KubernetesAPI
internal import Logging

/// The reading half of a watcher: does what the state machine says and tells it what came of it.
struct WatchReader: Sendable {
    let client: KubernetesClient
    let namespace: String?
    let options: WatchOptions
    let channel: WatchBatchChannel
    let status: WatchStatus
    let metrics: WatchMetrics
    let logger: Logger

    /// Reads until the task is cancelled.
    func read(from start: String?) async {
        var machine = WatchStateMachine(options)
        var action = machine.start(from: start, random: random)
        do {
            while true {
                action =
                    switch action {
                    case .list(let token, let limit, let delay):
                        try await list(continueToken: token, limit: limit, after: delay, &machine)
                    case .watch(let version, let seconds, let delay):
                        try await watch(from: version, seconds: seconds, after: delay, &machine)
                    }
            }
        } catch {
            // Only cancellation gets here; whatever the server did has become an action.
            logger.debug("the watch has stopped")
        }
    }

    private var random: Double { .random(in: 0..<1) }

    private func list(
        continueToken: String?,
        limit: Int,
        after delay: Duration,
        _ machine: inout WatchStateMachine
    ) async throws(CancellationError) -> WatchStateMachine.Action {
        try await wait(delay, then: .listing)
        let asked = ContinuousClock.now
        let page: EventPage
        do {
            page = try await client.listEvents(in: namespace, limit: limit, continueToken: continueToken)
        } catch {
            return try failed(error, .list, &machine)
        }
        let now = ContinuousClock.now
        metrics.answered(.list, after: now - asked)
        metrics.count(.listed, by: page.items.count)
        status.succeeded(.listing, at: now)
        for item in page.items { try await channel.append(item) }
        let action = machine.pageArrived(
            resourceVersion: page.resourceVersion,
            continueToken: page.continueToken,
            at: now,
            random: random
        )
        if case .watch(let version, _, _) = action {
            channel.reach(version, mustGoOut: true)
            logger.info("the events are listed", metadata: ["resourceVersion": "\(version)"])
        }
        return action
    }

    private func watch(
        from version: String,
        seconds: Int,
        after delay: Duration,
        _ machine: inout WatchStateMachine
    ) async throws(CancellationError) -> WatchStateMachine.Action {
        try await wait(delay, then: .watching)
        let asked = ContinuousClock.now
        let stream: WatchStream
        do {
            stream = try await client.watchEvents(
                in: namespace,
                resourceVersion: version,
                timeoutSeconds: seconds
            )
        } catch {
            return try failed(error, .watchOpen, &machine)
        }
        let opened = ContinuousClock.now
        metrics.answered(.watchOpen, after: opened - asked)
        status.succeeded(.watching, at: opened)
        machine.watchOpened(at: opened)
        logger.debug("the watch is open", metadata: ["resourceVersion": "\(version)"])
        var frames = stream.makeAsyncIterator()
        while true {
            let frame: WatchFrame?
            do {
                frame = try await frames.next()
            } catch {
                return try failed(error, nil, &machine)
            }
            guard let frame else {
                metrics.restarted(reason: WatchMetrics.endedReason)
                return machine.watchEnded(at: .now, random: random)
            }
            status.frameArrived(at: .now)
            if let action = try await take(frame, &machine) { return action }
        }
    }

    /// - Returns: nil to read on.
    private func take(
        _ frame: WatchFrame,
        _ machine: inout WatchStateMachine
    ) async throws(CancellationError) -> WatchStateMachine.Action? {
        switch frame {
        case .added(let object, let version):
            try await take(object, version, .added, &machine)
        case .modified(let object, let version):
            try await take(object, version, .modified, &machine)
        case .deleted(_, let version):
            metrics.count(.deleted)
            advance(to: version, &machine)
        case .bookmark(let version, _):
            metrics.count(.bookmark)
            advance(to: version, &machine)
        case .error(let status):
            metrics.count(.error)
            return failed(WatchFailure(status), "the API server ended the watch: \(status)", &machine)
        case .oversized(let line):
            metrics.count(.oversized)
            logger.error(
                "an event is too long and is left out",
                metadata: [
                    "name": "\(line.name ?? "?")", "in": "\(line.namespace ?? "?")", "bytes": "\(line.length)",
                    "resourceVersion": "\(line.resourceVersion ?? "?")",
                ]
            )
            if let version = line.resourceVersion { advance(to: version, &machine) }
        case .malformed(let reason, let prefix):
            metrics.count(.malformed)
            let text = "a line of the watch cannot be read: \(reason)"
            logger.error("\(text)", metadata: ["begins": "\(String(decoding: prefix, as: UTF8.self))"])
            guard let action = machine.lineMalformed(at: .now, random: random) else { return nil }
            metrics.restarted(reason: WatchFailure.malformed.reason)
            status.failed(text, at: .now)
            return action
        }
        return nil
    }

    private func take(
        _ object: JSONValue,
        _ version: String,
        _ type: WatchMetrics.FrameType,
        _ machine: inout WatchStateMachine
    ) async throws(CancellationError) {
        metrics.count(type)
        metrics.eventArrived()
        try await channel.append(object, version: version)
        machine.advanced(to: version)
    }

    private func advance(to version: String, _ machine: inout WatchStateMachine) {
        machine.advanced(to: version)
        channel.reach(version)
    }
}

extension WatchReader {
    private func wait(_ delay: Duration, then activity: WatchStatus.Activity) async throws(CancellationError) {
        if Task.isCancelled { throw CancellationError() }
        if delay > .zero {
            status.set(.waiting)
            do {
                try await Task.sleep(for: delay)
            } catch {
                throw CancellationError()
            }
        }
        status.set(activity)
    }

    /// - Parameter request: nil if it was the stream of an open watch that failed.
    private func failed(
        _ error: KubernetesAPIError,
        _ request: WatchMetrics.RequestKind?,
        _ machine: inout WatchStateMachine
    ) throws(CancellationError) -> WatchStateMachine.Action {
        if Task.isCancelled || error.isCancelled { throw CancellationError() }
        if let request { metrics.failed(request) }
        return failed(WatchFailure(error), "\(error)", &machine)
    }

    private func failed(
        _ failure: WatchFailure,
        _ text: String,
        _ machine: inout WatchStateMachine
    ) -> WatchStateMachine.Action {
        let now = ContinuousClock.now
        metrics.restarted(reason: failure.reason)
        status.failed(text, at: now)
        let action = machine.failed(failure, at: now, random: random)
        logger.log(
            level: failure == .expired ? .notice : .warning,
            "the watch is interrupted",
            metadata: ["error": "\(text)", "reason": "\(failure.reason)", "next": "\(action)"]
        )
        return action
    }
}
