import JSON

extension Event {
    /// When the event happened: microseconds since 1970, a pure function of the event and never of a clock, or a
    /// relist would not be recognised as one.
    ///
    /// The candidates are `series.lastObservedTime`, `lastTimestamp`, `eventTime` and `firstTimestamp`, in this order;
    /// the first that is plausible counts. Plausible is what lies between one day before `creationTimestamp` and 366
    /// days after it (the last occurrence in a crash loop lies days after the creation, and patches renew the TTL), or,
    /// without a creationTimestamp, from 2014 up to 2100. If none is, the creationTimestamp counts; nil if there is
    /// none either. Nothing is ever clamped.
    ///
    /// `Tests/EventModelTests/event-time.golden` freezes this rule: to change it breaks the recognition of duplicates
    /// in every archive there is, and needs a migration.
    static func time(of event: Event) -> Int64? {
        let created = Timestamp(event.metadata?.creationTimestamp)?.microseconds
        let plausible: ClosedRange<Int64> =
            if let created {
                (created - Event.day)...(created + 366 * Event.day)
            } else {
                Event.firstPlausible...Event.lastPlausible
            }
        for candidate in [
            event.series?["lastObservedTime"], event.lastTimestamp, event.eventTime, event.firstTimestamp,
        ] {
            if let time = Timestamp(candidate)?.microseconds, plausible.contains(time) { return time }
        }
        return created
    }

    private static let day: Int64 = 86_400_000_000
    /// 2014-01-01T00:00:00Z, the year in which Kubernetes began.
    private static let firstPlausible: Int64 = 1_388_534_400_000_000
    /// The last microsecond before 2100-01-01T00:00:00Z.
    private static let lastPlausible: Int64 = 4_102_444_800_000_000 - 1
}
