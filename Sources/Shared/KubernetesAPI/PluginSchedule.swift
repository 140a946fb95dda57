/// Decides when an exec plugin is run, and which of its credentials is used. It runs nothing and reads no clock.
///
/// A credential is used until shortly before it expires; without an expiry until it is refused. The plugin is run when
/// there is none, never twice at once, and never sooner than `shortestInterval` after the run before.
struct PluginSchedule: Sendable {
    struct Held: Sendable, Equatable {
        let credential: ExecCredential
        /// Counts the runs that succeeded, from 1.
        let generation: Int
        /// Nil if it does not expire.
        let expiresAt: ContinuousClock.Instant?
        /// An API server answered it with 401.
        var isRefused = false

        func isValid(at now: ContinuousClock.Instant, margin: Duration = .zero) -> Bool {
            !isRefused && expiresAt.map { now < $0 - margin } ?? true
        }
    }

    private enum State: Sendable, Equatable {
        /// It was never run, or nobody waited until it was done. → running
        case empty
        /// It runs; what was there before is kept. → held, failed, empty
        case running(before: Held?)
        /// There is a credential. → running
        case held(Held, ranAt: ContinuousClock.Instant)
        /// The last run failed, and nothing older is good. → running
        case failed(CredentialsError, ranAt: ContinuousClock.Instant)
    }

    /// What is to be done for somebody who wants credentials.
    enum Action: Sendable, Equatable {
        case use(ExecCredential, generation: Int)
        case refuse(CredentialsError)
        /// Start the plugin, and wait for it.
        case run
        /// Wait for the run that is under way.
        case wait
    }

    /// So long before it expires a credential is renewed, so that it does not on its way to the server.
    static let margin = Duration.seconds(10)
    /// Two runs are no closer than this, whatever the API server says to what they give.
    static let shortestInterval = Duration.seconds(5)

    private var state = State.empty
    private var generation = 0

    /// Somebody wants credentials.
    mutating func wanted(at now: ContinuousClock.Instant) -> Action {
        switch state {
        case .empty:
            state = .running(before: nil)
            return .run
        case .running:
            return .wait
        case .held(let held, let ranAt):
            if held.isValid(at: now, margin: Self.margin) || now - ranAt < Self.shortestInterval {
                return .use(held.credential, generation: held.generation)
            }
            state = .running(before: held)
            return .run
        case .failed(let error, let ranAt):
            if now - ranAt < Self.shortestInterval { return .refuse(error) }
            state = .running(before: nil)
            return .run
        }
    }

    /// The plugin has handed something out.
    ///
    /// - Parameter lifetime: how long it is good; nil for ever.
    mutating func succeeded(_ credential: ExecCredential, lifetime: Duration?, at now: ContinuousClock.Instant) {
        generation += 1
        let held = Held(credential: credential, generation: generation, expiresAt: lifetime.map { now + $0 })
        state = .held(held, ranAt: now)
    }

    /// The plugin has failed. What it gave before is used to its very end.
    mutating func failed(_ error: CredentialsError, at now: ContinuousClock.Instant) {
        if case .running(let before?) = state, before.isValid(at: now) {
            state = .held(before, ranAt: now)
        } else {
            state = .failed(error, ranAt: now)
        }
    }

    /// Nobody waited any more, and it was stopped: the next who wants credentials has it run again at once.
    mutating func abandoned() {
        state = .empty
    }

    /// The API server answered 401. If it was to an older credential than the one at hand, that says nothing of this.
    mutating func refused(generation: Int) {
        switch state {
        case .empty, .running, .failed: break
        case .held(var held, let ranAt):
            guard held.generation == generation else { break }
            held.isRefused = true
            state = .held(held, ranAt: ranAt)
        }
    }

    /// What those get who have waited, after `succeeded`, `failed` or `abandoned`.
    var outcome: Result<(ExecCredential, generation: Int), CredentialsError>? {
        switch state {
        case .empty, .running: nil
        case .held(let held, _): .success((held.credential, held.generation))
        case .failed(let error, _): .failure(error)
        }
    }
}
