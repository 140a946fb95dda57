/// The range of time that a question is about, in microseconds since 1970.
public struct CoverageRange: Sendable, Hashable {
    /// Inclusive; nil: from the first stretch on.
    public var since: Int64?
    /// Exclusive; nil: until now.
    public var until: Int64?

    /// A range from its ends.
    public init(since: Int64? = nil, until: Int64? = nil) {
        (self.since, self.until) = (since, until)
    }

    var lower: Int64 { since ?? .min }
    var upper: Int64 { until ?? .max }
}
