/// The labels of a series, in order of their names, each name once.
struct LabelSet: Hashable, Sendable, Comparable {
    struct Label: Hashable, Sendable {
        let name: String
        let value: String
    }

    let labels: [Label]

    /// - Parameter reserved: a name that the format itself uses (`quantile`); ours becomes `exported_quantile`, as
    ///   Prometheus does with names that clash.
    init(_ dimensions: [(String, String)], reserved: String? = nil) {
        var labels: [Label] = []
        for (name, value) in dimensions {
            let valid = MetricName.sanitizedLabel(name)
            let name = valid == reserved ? "exported_\(valid)" : valid
            guard !labels.contains(where: { $0.name == name }) else { continue }
            labels.append(Label(name: name, value: value))
        }
        self.labels = labels.sorted { $0.name < $1.name }
    }

    /// The same names, with "other" for each value: where series beyond the bound go.
    var other: LabelSet { LabelSet(labels.map { ($0.name, "other") }) }

    static func < (one: LabelSet, another: LabelSet) -> Bool {
        for (left, right) in zip(one.labels, another.labels) where left != right {
            return (left.name, left.value) < (right.name, right.value)
        }
        return one.labels.count < another.labels.count
    }
}
