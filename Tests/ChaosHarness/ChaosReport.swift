import Foundation

/// The last lines of a run.
public enum ChaosReport {
    /// Seed, faults by kind, and the tally; what is lost and where to look, if something is.
    public static func lines(_ verdict: Verdict, _ options: ChaosOptions) -> [String] {
        let plan = ChaosPlan(
            seed: options.seed,
            faults: options.faults,
            collectors: options.collectors,
            spacing: options.spacing
        )
        let kinds = Dictionary(grouping: plan.steps, by: \.fault.kind).mapValues(\.count)
        let counts = kinds.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue)=\($0.value)" }
        var lines = [
            "seed=\(options.seed)",
            "faults=\(plan.steps.count) " + counts.joined(separator: " "),
            "gaps=\(verdict.gaps) gap_seconds=\((verdict.gapSeconds * 10).rounded() / 10)"
                + " rolled_back=\(verdict.rolledBack) rolled_back_archived=\(verdict.rolledBackArchived)",
            "created=\(verdict.created) archived=\(verdict.archived) lost=\(verdict.lost) doubled=\(verdict.doubled)"
                + " unobservable=\(verdict.unobservable) altered=\(verdict.altered) rejected=\(verdict.rejected)",
        ]
        guard !verdict.isGood else { return lines }
        lines += verdict.admitted.ranges.map { gap in
            "gap: \(time(gap.lowerBound)) to \(time(gap.upperBound))"
        }
        lines += verdict.firstLost.map { state in
            "lost: \(state.key) uid=\(state.identity.uid.text) resourceVersion=\(state.identity.version)"
                + " of \(time(state.time)), "
                + (state.supersededAt.map { "superseded at \(time($0)), " } ?? "still standing, ")
                + (verdict.admitted.gap(around: state.time) == nil ? "in no gap" : "in a gap")
        }
        return lines + ["FAILED: logs, journal and spools are in \(options.folder)"]
    }

    private static func time(_ microseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(microseconds) / 1_000_000).formatted(
            .iso8601.time(includingFractionalSeconds: true)
        )
    }
}
