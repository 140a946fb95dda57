import Foundation

/// Several measurements of one thing, taken in turn with its reference's, so that a noisy neighbour meets both.
struct Measured {
    let unit: String
    private(set) var values: [Double] = []

    init(_ unit: String) {
        self.unit = unit
    }

    mutating func add(_ value: Double) { values.append(value) }

    /// Half of the measurements lie below it.
    var median: Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// With three digits at the least: `57 300 rows/s`.
    var text: String { Self.text(median) + " " + unit }

    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        if value < 10 { return String(format: "%.2f", value) }
        if value < 100 { return String(format: "%.1f", value) }
        var rest = Int(value.rounded())
        var groups: [String] = []
        while rest >= 1_000 {
            groups.insert(String(format: "%03d", rest % 1_000), at: 0)
            rest /= 1_000
        }
        return ([String(rest)] + groups).joined(separator: " ")
    }
}

/// Seconds that a piece of work takes.
func seconds<Value>(of work: () throws -> Value) rethrows -> (Double, Value) {
    let start = ContinuousClock.now
    let value = try work()
    return ((ContinuousClock.now - start).inSeconds, value)
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
