internal import FoundationEssentials

extension WatchMoment {
    /// The time now.
    static var now: WatchMoment {
        WatchMoment(instant: .now, microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
