internal import EventReader

/// The query of a stats route, decoded and checked, as far as that goes without asking the archive.
struct StatsParameters: Equatable, Sendable {
    enum Name: String, QueryName {
        case by, bucket, since, until, top, type, reason, kind, component

        var longestValue: Int { EventParameters.longestValue }
    }

    static let tops = 1...100
    static let defaultTop = 10
    static let defaultKey = StatsQuery.Key.type
    static let defaultBucket = StatsQuery.Bucket.hour
    /// Buckets times series, what remains being one: as many numbers as an answer may have, some 250 KB of them.
    static let mostPoints: Int64 = 50_000

    var key: StatsQuery.Key?
    var bucket: StatsQuery.Bucket?
    var since: TimeBound?
    var until: TimeBound?
    var top: Int?
    var types: [String] = []
    var reasons: [String] = []
    /// As they were given; see `KindCatalog`.
    var kinds: [String] = []
    var components: [String] = []

    private typealias Items = QueryItems<Name>

    init() {}

    /// - Parameters:
    ///   - query: what stands behind the `?` of a URL, nil if there is none.
    ///   - path: what is counted by depends on it.
    /// - Throws: a 400 that names the first parameter that is wrong.
    init(query: String?, path: StatsPath) throws(Problem) {
        guard let query else { return }
        var items = Items(query)
        while let (name, value) = try items.next() {
            switch name {
            case .by: try Items.once(&key, try Self.key(value, path), name)
            case .bucket: try Items.once(&bucket, try Items.word(value, of: name, StatsQuery.Bucket.allCases), name)
            case .since: try Items.once(&since, try Items.bound(value, of: name), name)
            case .until: try Items.once(&until, try Items.bound(value, of: name), name)
            case .top: try Items.once(&top, try Items.number(value, of: name, in: Self.tops), name)
            case .type: try Items.append(value, to: &types, name)
            case .reason: try Items.append(value, to: &reasons, name)
            case .kind: try Items.append(value, to: &kinds, name)
            case .component: try Items.append(value, to: &components, name)
            }
        }
    }

    /// What one cluster or one namespace is counted by would be a single series.
    private static func key(_ text: String, _ path: StatsPath) throws(Problem) -> StatsQuery.Key {
        let key = try Items.word(text, of: .by, StatsQuery.Key.allCases)
        guard path.keys.contains(key) else {
            let known = path.keys.map(\.rawValue).joined(separator: ", ")
            throw .parameter(
                Name.by.rawValue,
                "by=\(text) would be a single series here, for the path names the \(text). There are \(known)."
            )
        }
        return key
    }

    /// The question to ask of the archive.
    ///
    /// Without `until` it ends now. Without `since` it begins with a whole bucket, the last of them being the one that
    /// `until` lies in.
    ///
    /// - Parameters:
    ///   - kinds: what each `kind` means; nil for one that is none.
    ///   - now: microseconds since 1970, for durations.
    /// - Throws: a 400 when nothing lies in the range, or too much.
    func question(_ scope: EventQuery.Scope, kinds: [[KindReference]?], now: Int64) throws(Problem) -> StatsQuery {
        let bucket = bucket ?? Self.defaultBucket
        let until = until?.microseconds(now: now) ?? now
        let since =
            since?.microseconds(now: now)
            ?? bucket.start(of: until - 1) - (Self.defaultBuckets(bucket) - 1) * bucket.length
        guard since < until else {
            throw .parameter(Name.since.rawValue, "since is not before until, so that no event can lie between them.")
        }
        var query = StatsQuery(scope, by: key ?? Self.defaultKey, bucket: bucket, since: since, until: until)
        query.top = top ?? Self.defaultTop
        let buckets = bucket.count(from: since, until: until)
        guard buckets * Int64(query.top + 1) <= Self.mostPoints else {
            let most = Self.mostPoints / Int64(query.top + 1)
            throw .parameter(
                Name.bucket.rawValue,
                "The range has \(buckets) buckets of \(bucket.rawValue), and with top=\(query.top) at most \(most) are "
                    + "answered. Ask for a larger bucket, a shorter range or a smaller top."
            )
        }
        query.types = types
        query.reasons = reasons
        query.components = components
        // A kind that nothing is known of is asked for as it stands, and selects nothing.
        query.kinds =
            zip(self.kinds, kinds).flatMap { text, kinds in kinds ?? [KindReference(kind: text)] }.withoutDoubles
        return query
    }

    /// An hour, six hours, a day, a month: what somebody who says nothing may want to see.
    static func defaultBuckets(_ bucket: StatsQuery.Bucket) -> Int64 {
        switch bucket {
        case .minute: 60
        case .fiveMinutes: 72
        case .hour: 24
        case .day: 30
        }
    }
}
