/// What was measured, beside its references.
struct ResultTable {
    private var rows: [[String]] = [["what", "ours", "reference", "", "ratio", "goal"]]
    private var notes: [String] = []

    /// - Parameters:
    ///   - against: what the reference is.
    ///   - goal: the ratio that ours is to reach; nil for a bound that only gives the scale.
    mutating func add(_ what: String, _ ours: Measured, _ reference: Measured, _ against: String, goal: Double?) {
        rows.append([
            what, ours.text, reference.text, against, Measured.text(ours.median / reference.median),
            goal.map(Measured.text) ?? "-",
        ])
    }

    /// A line under the table.
    mutating func note(_ text: String) { notes.append(text) }

    /// The columns side by side; numbers to the right.
    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 || column == 3 ? cell.0 + space : space + cell.0
            }.joined(separator: "  ")
        }
        let rule = String(repeating: "-", count: lines[0].count)
        return ([lines[0], rule] + lines.dropFirst() + [""] + notes).joined(separator: "\n")
    }
}
