import Foundation

/// The figures as lines in the manner of the other benchmarks.
public enum LoadReport {
    /// The table, and what else there is to know.
    public static func lines(_ figures: LoadFigures) -> [String] {
        var rows = [["what", "ours", "reference", "", "ratio", "goal"]]
        let start = figures.residentMemory(0..<0.25)
        let end = figures.residentMemory(0.75..<1)
        rows.append(
            row("collect: memory, last quarter", end, start, "MiB", "the first quarter of the run", goal: "40 MiB")
        )
        let perEvent = 1e6 / Double(max(figures.events, 1))
        let ours = figures.collectorTime * perEvent
        let replay = figures.replayTime * 1e6 / Double(max(figures.replayed, 1))
        rows.append(
            row("collect: processor time", ours, replay, "µs/event", "replay of the same events", goal: "-")
        )
        for (name, share, goal) in [("p50", 0.5, "-"), ("p99", 0.99, "250 ms")] {
            rows.append(
                row(
                    "collect: delay \(name)",
                    milliseconds(share, of: figures.delays),
                    milliseconds(share, of: figures.commits),
                    "ms",
                    "a commit of one row",
                    goal: goal
                )
            )
        }
        rows.append(
            row(
                "collect: a batch of \(CursorCost.batch), median",
                milliseconds(0.5, of: figures.withCursor),
                milliseconds(0.5, of: figures.withoutCursor),
                "ms",
                "without cursor and coverage",
                goal: "-"
            )
        )
        return table(rows) + [""] + notes(figures)
    }

    private static func notes(_ figures: LoadFigures) -> [String] {
        let events = Double(max(figures.events, 1))
        let resident = figures.memory.map(\.resident).max() ?? 0
        let anonymous = figures.memory.last?.anonymous ?? 0
        let most = figures.delays.last.map { Double($0) / 1000 }
        return [
            "collect: \(figures.events) observations in \(text(figures.seconds)) s,"
                + " \(text(events / figures.seconds)) a second",
            "collect: memory at most \(text(Double(resident) / 1024)) MiB,"
                + " heap and stacks at the end \(text(Double(anonymous) / 1024)) MiB",
            "collect: \(text(figures.collectorTime / figures.seconds * 100)) % of a core,"
                + " PostgreSQL \(text(figures.databaseTime / figures.seconds * 100)) %;"
                + " \(text(figures.databaseTime * 1e6 / events)) µs an event there",
            "collect: \(text(events / Double(max(figures.transactions, 1)))) events a transaction,"
                + " \(text(Double(figures.walBytes) / events)) bytes of WAL an event,"
                + " longest delay \(text(most)) ms",
        ]
    }

    private static func row(
        _ what: String,
        _ ours: Double?,
        _ reference: Double?,
        _ unit: String,
        _ against: String,
        goal: String
    ) -> [String] {
        let ratio = ours.flatMap { ours in reference.map { ours / $0 } }
        return [what, "\(text(ours)) \(unit)", "\(text(reference)) \(unit)", against, text(ratio), goal]
    }

    private static func milliseconds(_ share: Double, of sorted: [Int64]) -> Double? {
        LoadFigures.percentile(share, of: sorted).map { Double($0) / 1000 }
    }

    private static func text(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "?" }
        return String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
    }

    /// The columns side by side; numbers to the right.
    private static func table(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 || column == 3 ? cell.0 + space : space + cell.0
            }.joined(separator: "  ")
        }
        return [lines[0], String(repeating: "-", count: lines[0].count)] + lines.dropFirst()
    }
}
