extension Duration {
    /// Whole milliseconds, rounded up, from `least` to some 24 days (what fits an `int`).
    func milliseconds(atLeast least: Int = 0) -> Int {
        let (seconds, attoseconds) = components
        let most = Int64(Int32.max)
        guard seconds < most / 1000 else { return Int(most) }
        guard seconds >= 0 else { return least }
        let rest = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return max(least, Int(seconds * 1000 + rest))
    }
}
