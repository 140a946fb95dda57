import TestSupport

/// Which faults come when: all of it drawn from a seed before anything starts. Pure.
public struct ChaosPlan: Sendable, Equatable {
    /// One fault and its time.
    public struct Step: Sendable, Equatable {
        /// From 1, by time.
        public let number: Int
        /// After the start.
        public let after: Duration
        /// What happens.
        public let fault: ChaosFault
    }

    /// By time.
    public let steps: [Step]

    /// Draws a plan.
    ///
    /// - Parameters:
    ///   - faults: how many.
    ///   - collectors: how many there are to be killed.
    ///   - spacing: the mean time between two faults; each is between half of it and one and a half.
    public init(seed: UInt64, faults: Int, collectors: Int, spacing: Duration) {
        var random = SplitMix64(state: seed)
        var deck: [ChaosFault.Kind] = []
        var after = Duration.zero
        steps = (1...max(faults, 1)).prefix(faults).map { number in
            // Cards, not dice: so that a long run has all kinds in their proportion, and no short one has one alone.
            if deck.isEmpty { deck = ChaosFault.Kind.deck.shuffled(using: &random) }
            after += spacing * Double.random(in: 0.5...1.5, using: &random)
            let fault = ChaosFault(deck.removeLast(), collectors: collectors, using: &random)
            return Step(number: number, after: after, fault: fault)
        }
    }

    /// The time of the last fault.
    public var length: Duration { steps.last?.after ?? .zero }

    /// The faults that befall one part, which come one after the other.
    func steps(of part: ChaosFault.Part) -> [Step] { steps.filter { $0.fault.part == part } }
}
