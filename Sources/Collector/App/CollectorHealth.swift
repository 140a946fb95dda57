import Archiving
import EventSchema
import LeaderElection
import Management
import Settings
import Spool
import Watch

/// When a collector is ready: the schema is there, what the watch brings gets to safety, and the watch is alive; or it
/// stands by for the one that does all this.
struct CollectorHealth: Sendable {
    let admission: Admission
    let sink: ArchiveSink
    let spool: Spool?
    let spoolPatience: Duration
    let progress: CommittedProgress
    let watches: [WatchStatus]
    /// Nil without an election.
    let leader: LeaderStatus?
    let startedAt = ContinuousClock.now

    /// For `/readyz`.
    var readiness: [HealthCheck] {
        [
            HealthCheck("database") { database() }, HealthCheck("spool") { spoolProblem() },
            HealthCheck("leader") { leaderProblem() }, HealthCheck("watch") { watch() },
            HealthCheck("cursor") { cursor() },
        ]
    }

    /// For `/livez`: only what a restart would mend.
    var liveness: [HealthCheck] { [HealthCheck("watch") { stuckWatch() }] }

    private var leads: Bool { leader?.snapshot.isLeading ?? true }

    private func database() -> String? {
        guard admission.schema.isOpen else {
            return spool == nil ? "the schema is not ready: the database does not answer" : awayForTooLong(nil)
        }
        guard spool != nil else { return sink.status.problem(lastingFor: Self.patience) }
        return sink.status.problem(lastingFor: min(Self.patience, spoolPatience)).flatMap(awayForTooLong)
    }

    /// With a spool, a database that is away is no reason to worry until events have lain in it for long.
    private func awayForTooLong(_ problem: String?) -> String? {
        let status = spool?.status
        let since = status?.oldestAge(at: WallClock.now) ?? .zero
        let isTooLong = since >= spoolPatience || (!admission.schema.isOpen && status?.isEmpty ?? true)
        guard isTooLong else { return nil }
        let text = problem ?? "the schema is not ready: the database does not answer"
        return since > .zero ? "\(text); events wait in the spool for \(DurationText.text(since))" : text
    }

    private func spoolProblem() -> String? { sink.spoolStatus.problem(lastingFor: .zero) }

    private func leaderProblem() -> String? {
        guard let leader = leader?.snapshot, let since = leader.failingSince,
            ContinuousClock.now - since >= Self.patience
        else { return nil }
        return leader.standingError
    }

    private func watch() -> String? {
        guard leads else { return nil }
        for status in watches.map(\.snapshot) {
            if status.lastActivity == nil {
                return status.standingError ?? admission.evidenceStatus.problem(lastingFor: .zero)
                    ?? "no list is complete yet"
            }
            if let error = status.standingError, let since = status.failingSince,
                ContinuousClock.now - since >= Self.patience
            {
                return error
            }
        }
        return nil
    }

    /// A quiet cluster moves its cursor too, at each check of its watch.
    private func cursor() -> String? {
        guard leads, admission.archive.isOpen, spool?.status.isEmpty ?? true else { return nil }
        let last = max(progress.lastAdvance ?? startedAt, leader?.snapshot.since ?? startedAt)
        let silence = ContinuousClock.now - last
        guard silence >= Self.cursorPatience else { return nil }
        return "no cursor has been committed for \(DurationText.text(silence)), though nothing else is wrong"
    }

    private func stuckWatch() -> String? {
        guard leads else { return nil }
        for status in watches.map(\.snapshot) {
            guard !status.isHeldBack, status.activity != .starting, status.activity != .stopped else { continue }
            let silence = ContinuousClock.now - status.lastStep
            if silence >= Self.stuckAfter {
                return "the watch has done nothing for \(DurationText.text(silence)), not even wait for an answer"
            }
        }
        return nil
    }

    /// A restart of the API server or of PostgreSQL is over sooner.
    private static let patience = Duration.seconds(30)
    /// Several times the silence after which a watch is checked.
    private static let cursorPatience = Duration.seconds(300)
    /// No wait of the watch is longer: a Retry-After is followed for 5 minutes, a request for less.
    private static let stuckAfter = Duration.seconds(900)
}
