internal import Coverage
internal import JSON
internal import KubernetesAPI
internal import Logging

/// The reading half of a watcher: does what the state machine says and tells it what came of it.
struct WatchReader {
    let client: KubernetesClient
    let namespace: String?
    let options: WatchOptions
    let channel: WatchBatchChannel
    let status: WatchStatus
    let metrics: WatchMetrics
    let logger: Logger
    let now: @Sendable () -> WatchMoment

    var machine: WatchStateMachine
    /// The watch that is open; letting it go closes its connection.
    var frames: WatchStream.Iterator?

    init(
        client: KubernetesClient,
        namespace: String?,
        options: WatchOptions,
        channel: WatchBatchChannel,
        status: WatchStatus,
        metrics: WatchMetrics,
        logger: Logger,
        now: @escaping @Sendable () -> WatchMoment
    ) {
        self.client = client
        self.namespace = namespace
        self.options = options
        self.channel = channel
        self.status = status
        self.metrics = metrics
        self.logger = logger
        self.now = now
        machine = WatchStateMachine(options)
    }

    /// Reads until the task is cancelled.
    mutating func read(from start: WatchPosition?) async {
        var action = machine.start(from: start)
        do {
            while true {
                if !machine.keepsWatch { frames = nil }
                action =
                    switch action {
                    case .list(let token, let limit, let delay):
                        try await list(continueToken: token, limit: limit, after: delay)
                    case .compare(let delay): try await compare(after: delay)
                    case .watch(let version, let seconds, let delay):
                        try await open(from: version, seconds: seconds, after: delay)
                    case .read: try await readFrames()
                    }
            }
        } catch {
            // Only cancellation gets here; whatever the server did has become an action.
            logger.debug("the watch has stopped")
        }
    }

    private var random: Double { .random(in: 0..<1) }
}

/// Requests.
extension WatchReader {
    private mutating func list(
        continueToken: String?,
        limit: Int,
        after delay: Duration
    ) async throws(CancellationError) -> WatchStateMachine.Action {
        try await wait(delay, then: .listing)
        let asked = now()
        let page: EventPage
        do {
            page = try await client.listEvents(in: namespace, limit: limit, continueToken: continueToken)
        } catch {
            return try failed(error, .list)
        }
        let came = now()
        metrics.answered(.list, after: came.instant - asked.instant)
        metrics.count(.listed, by: page.items.count)
        status.succeeded(.listing, at: came.instant)
        machine.pageArrived(resourceVersion: page.resourceVersion, asked: asked, at: came)
        for item in page.items where machine.itemArrived(version: item["metadata"]?["resourceVersion"]?.string) {
            try await channel.append(item) { status.setHeldBack($0, at: .now) }
        }
        let action = machine.pageTaken(continueToken: page.continueToken, random: random)
        if page.continueToken == nil {
            try await reachedPosition(mustGoOut: true)
            logger.log(
                level: machine.keepsWatch ? .debug : .info,
                "the events are listed",
                metadata: ["resourceVersion": "\(page.resourceVersion)", "next": "\(action)"]
            )
        }
        return action
    }

    private mutating func compare(after delay: Duration) async throws(CancellationError) -> WatchStateMachine.Action {
        try await wait(delay, then: .comparing)
        let asked = now()
        let page: EventPage
        do {
            page = try await client.listEvents(in: namespace, limit: 1)
        } catch {
            return try failed(error, .compare)
        }
        let came = now()
        metrics.answered(.compare, after: came.instant - asked.instant)
        status.succeeded(.comparing, at: came.instant)
        let version = page.resourceVersion
        let action = machine.compared(resourceVersion: version, asked: asked, at: came, random: random)
        if case .list = action {
            logger.warning(
                "the API server knows less than it did: its etcd was restored from a backup",
                metadata: [
                    "resourceVersion": "\(version)", "reached": "\(machine.position?.resourceVersion ?? "nothing")",
                ]
            )
        }
        return action
    }

    private mutating func open(
        from version: String,
        seconds: Int,
        after delay: Duration
    ) async throws(CancellationError) -> WatchStateMachine.Action {
        try await wait(delay, then: .watching)
        let asked = now()
        let stream: WatchStream
        do {
            stream = try await client.watchEvents(
                in: namespace,
                resourceVersion: version,
                timeoutSeconds: seconds,
                silenceNotice: options.silenceNotice
            )
        } catch {
            return try failed(error, .watchOpen)
        }
        let opened = now()
        metrics.answered(.watchOpen, after: opened.instant - asked.instant)
        status.succeeded(.watching, at: opened.instant)
        if machine.keepsWatch { metrics.restarted(reason: WatchMetrics.silentReason) }
        machine.watchOpened(at: opened)
        frames = stream.makeAsyncIterator()
        logger.debug("the watch is open", metadata: ["resourceVersion": "\(version)"])
        return .read
    }

    private func wait(_ delay: Duration, then activity: WatchStatus.Activity) async throws(CancellationError) {
        if Task.isCancelled { throw CancellationError() }
        if delay > .zero {
            status.set(.waiting, at: .now)
            do {
                try await Task.sleep(for: delay)
            } catch {
                throw CancellationError()
            }
        }
        status.set(activity, at: .now)
    }
}

/// An open watch.
extension WatchReader {
    /// Reads until there is something else to do.
    private mutating func readFrames() async throws(CancellationError) -> WatchStateMachine.Action {
        status.set(.watching, at: .now)
        while true {
            let frame: WatchFrame?
            do {
                frame = try await frames?.next()
            } catch {
                return try failed(error, nil)
            }
            let came = now()
            guard let frame else {
                if Task.isCancelled { throw CancellationError() }
                metrics.restarted(reason: WatchMetrics.endedReason)
                return machine.watchEnded(at: came, random: random)
            }
            if let action = try await take(frame, came) { return action }
        }
    }

    /// - Returns: nil to read on.
    private mutating func take(
        _ frame: WatchFrame,
        _ came: WatchMoment
    ) async throws(CancellationError) -> WatchStateMachine.Action? {
        if frame != .silence { status.frameArrived(at: came.instant) }
        switch frame {
        case .added(let object, let version):
            metrics.count(.added)
            try await take(object, version, came)
        case .modified(let object, let version):
            metrics.count(.modified)
            try await take(object, version, came)
        case .deleted(_, let version):
            metrics.count(.deleted)
            try await advance(to: version, came)
        case .bookmark(let version, _):
            metrics.count(.bookmark)
            try await advance(to: version, came)
        case .error(let status):
            metrics.count(.error)
            return failed(WatchFailure(status), "the API server ended the watch: \(status)")
        case .oversized(let line):
            try await take(line, came)
        case .malformed(let reason, let prefix):
            return try await malformed(reason, prefix, came)
        case .silence:
            return try await silent(came)
        }
        return nil
    }

    private mutating func take(
        _ object: JSONValue,
        _ version: String,
        _ came: WatchMoment
    ) async throws(CancellationError) {
        metrics.eventArrived(at: came.microseconds)
        machine.advanced(to: version, at: came)
        try await channel.append(object, position: machine.position) { status.setHeldBack($0, at: .now) }
    }

    private mutating func advance(to version: String, _ came: WatchMoment) async throws(CancellationError) {
        machine.advanced(to: version, at: came)
        try await reachedPosition(mustGoOut: false)
    }

    private mutating func take(_ line: OversizedWatchLine, _ came: WatchMoment) async throws(CancellationError) {
        metrics.count(.oversized)
        // That the server forgets it is no news, however long it is.
        if line.type == "DELETED" {
            if let version = line.resourceVersion { try await advance(to: version, came) }
            return
        }
        metrics.eventMissed()
        logger.error(
            "an event is too long and is left out",
            metadata: [
                "name": "\(line.name ?? "?")", "in": "\(line.namespace ?? "?")", "bytes": "\(line.length)",
                "resourceVersion": "\(line.resourceVersion ?? "?")",
            ]
        )
        machine.eventMissed(version: line.resourceVersion, at: came)
        try await reachedPosition(mustGoOut: true)
    }

    private mutating func malformed(
        _ reason: String,
        _ prefix: [UInt8],
        _ came: WatchMoment
    ) async throws(CancellationError) -> WatchStateMachine.Action? {
        metrics.count(.malformed)
        let text = "a line of the watch cannot be read: \(reason)"
        logger.error("\(text)", metadata: ["begins": "\(String(decoding: prefix, as: UTF8.self))"])
        guard let action = machine.lineMalformed(at: came, random: random) else {
            metrics.eventMissed()
            try await reachedPosition(mustGoOut: true)
            return nil
        }
        metrics.restarted(reason: WatchFailure.malformed.reason)
        status.failed(text, at: came.instant)
        return action
    }

    private mutating func silent(_ came: WatchMoment) async throws(CancellationError) -> WatchStateMachine.Action? {
        status.silenceNoticed(at: came.instant)
        guard let action = machine.silenceNoticed(at: came, random: random) else { return nil }
        logger.debug("the watch is silent and is checked", metadata: ["next": "\(action)"])
        // In a quiet cluster nothing else moves the cursor and what is covered.
        try await reachedPosition(mustGoOut: true)
        return action
    }

    private func reachedPosition(mustGoOut: Bool) async throws(CancellationError) {
        guard let position = machine.position else { return }
        try await channel.reach(position, mustGoOut: mustGoOut) { status.setHeldBack($0, at: .now) }
    }
}

/// Failures.
extension WatchReader {
    /// - Parameter request: nil if it was the stream of an open watch that failed.
    private mutating func failed(
        _ error: KubernetesAPIError,
        _ request: WatchMetrics.RequestKind?
    ) throws(CancellationError) -> WatchStateMachine.Action {
        if Task.isCancelled || error.isCancelled { throw CancellationError() }
        if let request { metrics.failed(request) }
        return failed(WatchFailure(error), "\(error)")
    }

    private mutating func failed(_ failure: WatchFailure, _ text: String) -> WatchStateMachine.Action {
        let failed = now()
        status.failed(text, at: failed.instant)
        let action = machine.failed(failure, at: failed, random: random)
        if action == .read {
            logger.warning("a silent watch cannot be checked", metadata: ["error": "\(text)"])
            return action
        }
        metrics.restarted(reason: failure.reason)
        logger.log(
            level: failure == .expired ? .notice : .warning,
            "the watch is interrupted",
            metadata: ["error": "\(text)", "reason": "\(failure.reason)", "next": "\(action)"]
        )
        return action
    }
}
