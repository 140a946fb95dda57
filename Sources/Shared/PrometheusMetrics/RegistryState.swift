/// What a registry knows; guarded by its lock.
struct RegistryState: Sendable {
    var families: [FamilyName: MetricFamily] = [:]
    var descriptions: [FamilyName: MetricDescription] = [:]
    var collectors: [@Sendable () -> [CollectedMetric]] = []
    var warned: Set<FamilyName> = []

    /// The series of this name and these labels, or the one for all beyond the bound; nil when the name is another
    /// kind's. With the warning that is due, if any.
    mutating func series(
        _ name: FamilyName,
        _ kind: MetricDescription.Kind,
        _ labels: LabelSet,
        bound: Int,
        make: (MetricDescription.Kind, SeriesKey) -> MetricFamily.Series
    ) -> (MetricFamily.Series?, warning: String?) {
        var family = families[name] ?? MetricFamily(kind: kind)
        defer { families[name] = family }
        guard family.kind == kind else {
            let isFirst = warned.insert(name).inserted
            let warning = "metric \(name.text) is a \(family.kind) already: the \(kind) of that name is not counted"
            return (nil, isFirst ? warning : nil)
        }
        if let known = family.series[labels] { return (known, nil) }
        var key = SeriesKey(family: name, labels: labels)
        var warning: String?
        if family.series.count >= bound {
            key = SeriesKey(family: name, labels: labels.other)
            if !family.hasWarned {
                family.hasWarned = true
                warning =
                    "metric \(name.text) has more than \(bound) series: new ones are counted together as \"other\""
            }
            if let known = family.series[key.labels] { return (known, warning) }
        }
        let made = make(kind, key)
        family.series[key.labels] = made
        return (made, warning)
    }
}
