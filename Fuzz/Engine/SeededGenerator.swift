/// A generator that repeats itself for the same seed (SplitMix64: Steele, Lea, Flood 2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The same seed and number give the same sequence, whatever came before: a document is known by its number.
    public init(seed: UInt64, number: UInt64) {
        state = seed
        state = next() ^ number &* 0xd134_2543_de82_ef95
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// True once in so many times.
    mutating func once(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }

    /// A number below a bound, small ones far more often than large ones.
    mutating func small(below bound: Int) -> Int {
        Int.random(in: 0..<max(1, bound >> Int.random(in: 0...12, using: &self)), using: &self)
    }
}
