/// Lines of cells, aligned in columns by spaces as kubectl does it.
///
/// Source: Go's text/tabwriter with kubectl's settings (k8s.io/cli-runtime pkg/printers/tabwriter.go): columns are at
/// least 6 wide, 3 spaces part them, the last cell of a line is not padded, and a column that was interrupted goes on
/// no narrower than before. Width is counted in Unicode scalars.
struct TextTable {
    private static let leastWidth = 6
    private static let padding = 3

    private struct Cell {
        let text: String
        let width: Int

        init(_ text: some StringProtocol) {
            self.text = String(text)
            width = text.unicodeScalars.count
        }
    }

    private var lines: [[Cell]] = []

    /// Adds a line. A tab within a cell begins another, as it does in kubectl.
    mutating func add(_ cells: [String]) {
        lines.append(
            cells.flatMap {
                $0.split(omittingEmptySubsequences: false) { $0 == "\t" || $0 == "\u{0B}" }.map { Cell($0) }
            }
        )
    }

    /// All lines, each with its end.
    func text() -> [UInt8] {
        var layout = Layout(lines: lines)
        layout.format(0..<lines.count)
        return layout.output
    }

    /// Widths are found block by block: a block is a run of lines that all have a cell in a column, and one behind it.
    private struct Layout {
        let lines: [[Cell]]
        var output: [UInt8] = []
        private var widths: [Int] = []
        private var widest: [Int] = []

        init(lines: [[Cell]]) {
            self.lines = lines
            output.reserveCapacity(lines.count * 160)
        }

        mutating func format(_ range: Range<Int>) {
            let column = widths.count
            var unwritten = range.lowerBound
            var line = range.lowerBound
            while line < range.upperBound {
                guard column < lines[line].count - 1 else {
                    line += 1
                    continue
                }
                write(unwritten..<line)
                let start = line
                var width = TextTable.leastWidth
                while line < range.upperBound, column < lines[line].count - 1 {
                    width = max(width, lines[line][column].width + TextTable.padding)
                    line += 1
                }
                if column < widest.count {
                    width = max(width, widest[column])
                    widest[column] = width
                } else {
                    widest.append(width)
                }
                widths.append(width)
                format(start..<line)
                widths.removeLast()
                unwritten = line
            }
            write(unwritten..<range.upperBound)
        }

        private mutating func write(_ range: Range<Int>) {
            for line in lines[range] {
                for (column, cell) in line.enumerated() {
                    output.append(contentsOf: cell.text.utf8)
                    guard column < widths.count else { continue }
                    output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: widths[column] - cell.width))
                }
                output.append(UInt8(ascii: "\n"))
            }
        }
    }
}
