/// A time by two clocks. Durations are measured by the one that never jumps; what is covered is told by the other.
struct WatchMoment: Sendable, Equatable {
    /// By the clock that never jumps.
    var instant: ContinuousClock.Instant
    /// Microseconds since 1970, by the clock on the wall.
    var microseconds: Int64
}
