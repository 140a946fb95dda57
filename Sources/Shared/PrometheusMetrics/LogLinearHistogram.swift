/// Counts values in buckets whose width grows with the value: 16 to each doubling, from 2^-20 (a microsecond, in seconds)
/// to 2^44, so that any quantile is told within 1/32 (3 %) of its value.
///
/// A doubling's row is made when a value first falls into it; with all 64 of them a histogram takes 4.2 kB.
/// The idea is that of HdrHistogram and of Prometheus' native histograms.
struct LogLinearHistogram: Sendable {
    private static let lowestExponent = -20
    private static let rows = 64
    private static let width = 16

    /// Where each doubling's row begins in `counts`, divided by `width`; `UInt8.max` for none yet.
    private var places = [UInt8](repeating: .max, count: rows)
    private var counts: [UInt32] = []
    /// Zero, negative values, and what is smaller than the lowest bucket.
    private var below: UInt32 = 0
    private(set) var total: UInt64 = 0
    private(set) var smallest = Double.infinity
    private(set) var largest = -Double.infinity

    mutating func record(_ value: Double) {
        total += 1
        smallest = min(smallest, value)
        largest = max(largest, value)
        guard value > 0, value.exponent >= Self.lowestExponent else {
            below = below &+ 1
            return
        }
        let row = min(Int(value.exponent) - Self.lowestExponent, Self.rows - 1)
        // The four highest bits of the significand say which sixteenth of the doubling.
        let column = Int(value.significandBitPattern >> 48)
        if places[row] == .max {
            places[row] = UInt8(counts.count / Self.width)
            counts.append(contentsOf: repeatElement(0, count: Self.width))
        }
        counts[Int(places[row]) * Self.width + column] &+= 1
    }

    mutating func removeAll() {
        for row in places.indices { places[row] = .max }
        counts.removeAll(keepingCapacity: true)
        below = 0
        total = 0
        smallest = .infinity
        largest = -.infinity
    }

    /// The values at these ranks (0 to `total - 1`, rising) over several histograms together.
    static func values(atRanks ranks: [UInt64], in histograms: [LogLinearHistogram]) -> [Double] {
        let smallest = histograms.map(\.smallest).min() ?? .infinity
        let largest = histograms.map(\.largest).max() ?? -.infinity
        var values: [Double] = []
        var seen: UInt64 = 0
        func pass(_ count: UInt64, _ middle: Double) {
            seen += count
            while values.count < ranks.count, ranks[values.count] < seen {
                values.append(min(max(middle, smallest), largest))
            }
        }
        pass(histograms.reduce(0) { $0 + UInt64($1.below) }, smallest)
        for row in 0..<rows where histograms.contains(where: { $0.places[row] != .max }) {
            for column in 0..<width {
                let count = histograms.reduce(UInt64(0)) { $0 + $1.count(row, column) }
                if count > 0 { pass(count, middle(row, column)) }
            }
        }
        while values.count < ranks.count { values.append(largest) }
        return values
    }

    private func count(_ row: Int, _ column: Int) -> UInt64 {
        places[row] == .max ? 0 : UInt64(counts[Int(places[row]) * Self.width + column])
    }

    private static func middle(_ row: Int, _ column: Int) -> Double {
        let significand = 1 + (Double(column) + 0.5) / Double(width)
        return Double(sign: .plus, exponent: row + lowestExponent, significand: significand)
    }
}
