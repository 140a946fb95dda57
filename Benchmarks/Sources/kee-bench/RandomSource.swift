/// SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators"): the same events in each run.
struct RandomSource: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func hexadecimal(_ digits: Int) -> String {
        let text = String(next(), radix: 16)
        return String((String(repeating: "0", count: 16) + text).suffix(digits))
    }

    mutating func uuid() -> String {
        [8, 4, 4, 4, 12].map { hexadecimal($0) }.joined(separator: "-")
    }
}

/// Chooses among so many with given weights.
struct WeightedChoice {
    private let sums: [Double]

    init(_ weights: [Double]) {
        var sum = 0.0
        sums = weights.map { weight in
            sum += weight
            return sum
        }
    }

    func index(_ random: inout RandomSource) -> Int {
        let point = Double.random(in: 0..<(sums.last ?? 1), using: &random)
        return min(sums.partitioningIndex { $0 > point }, sums.count - 1)
    }
}

extension [Double] {
    /// The first index whose element fulfils what all behind it do as well.
    fileprivate func partitioningIndex(where isBehind: (Double) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
