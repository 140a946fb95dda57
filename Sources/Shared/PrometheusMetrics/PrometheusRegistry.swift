internal import Synchronization

/// All metrics of a process: a backend of swift-metrics that Prometheus can read.
///
/// `MetricsSystem.bootstrap(registry)` once at start. Counters, gauges (meters), recorders and timers become families:
/// - a counter's name ends in `_total` (added when missing), a timer's in `_seconds`;
/// - timers and aggregating recorders are summaries, with quantiles of the last 8 to 10 minutes;
/// - a family holds `seriesBound` series at most; what comes beyond goes to one series whose label values are all
///   `other`, and is warned of once.
public final class PrometheusRegistry: Sendable {
    /// The default for the series of one family.
    public static let defaultSeriesBound = 1000

    /// What stands before every name.
    public let prefix: MetricsPrefix
    let seriesBound: Int
    let now: @Sendable () -> ContinuousClock.Instant
    let warn: @Sendable (String) -> Void
    private let state: Mutex<RegistryState>

    /// An empty registry.
    /// - Parameters:
    ///   - prefix: stands before every name.
    ///   - descriptions: help texts; a family without one says so in its help.
    ///   - seriesBound: series in one family, at least 1.
    ///   - now: the clock of the summaries' window.
    ///   - warn: told once for each family that clashes or outgrows its bound.
    public init(
        prefix: MetricsPrefix = .kee,
        descriptions: [MetricDescription] = [],
        seriesBound: Int = PrometheusRegistry.defaultSeriesBound,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.prefix = prefix
        self.seriesBound = max(1, seriesBound)
        self.now = now
        self.warn = warn
        state = Mutex(RegistryState())
        describe(descriptions)
    }

    /// Adds help texts; a later one for the same name wins.
    public func describe(_ descriptions: [MetricDescription]) {
        state.withLock { state in
            for description in descriptions {
                let name = FamilyName(description.name, prefix: prefix.description, kind: description.kind)
                state.descriptions[name] = description
            }
        }
    }

    /// Adds a function that works out values whenever metrics are read. It must not block, and should give the same
    /// names each time.
    public func register(collect: @escaping @Sendable () -> [CollectedMetric]) {
        state.withLock { $0.collectors.append(collect) }
    }

    /// The series of this name and these labels, made when it is new; nil when the name is another kind's already.
    func series(
        _ name: FamilyName,
        _ kind: MetricDescription.Kind,
        _ dimensions: [(String, String)]
    ) -> MetricFamily.Series? {
        let labels = LabelSet(dimensions, reserved: kind == .summary ? "quantile" : nil)
        let (series, warning) = state.withLock { $0.series(name, kind, labels, bound: seriesBound, make: make) }
        if let warning { warn(warning) }
        return series
    }

    private func make(_ kind: MetricDescription.Kind, _ key: SeriesKey) -> MetricFamily.Series {
        switch kind {
        case .counter: .counter(CounterSeries(key: key))
        case .gauge: .gauge(GaugeSeries(key: key))
        case .summary: .summary(SummarySeries(key: key, now: now))
        }
    }

    /// Forgets a series, so that it is no longer told and makes room.
    func remove(_ key: SeriesKey) {
        state.withLock { state in
            guard state.families[key.family] != nil else { return }
            state.families[key.family]?.series[key.labels] = nil
        }
    }

    /// Everything as it is now, in order of names.
    func snapshot() -> [FamilySnapshot] {
        let (families, descriptions, collectors) = state.withLock { ($0.families, $0.descriptions, $0.collectors) }
        var snapshots: [FamilyName: FamilySnapshot] = [:]
        for (name, family) in families where !family.series.isEmpty {
            snapshots[name] = FamilySnapshot(
                name: name,
                kind: family.kind,
                help: descriptions[name]?.help ?? Self.noHelp,
                samples: family.series.mapValues(\.value)
            )
        }
        for metric in collectors.flatMap({ $0() }) {
            let name = FamilyName(metric.name, prefix: metric.isPrefixed ? prefix.description : "", kind: metric.kind)
            let help = descriptions[name]?.help ?? ProcessMetrics.help[metric.name] ?? Self.noHelp
            let labels = LabelSet(metric.labels)
            var snapshot =
                snapshots[name] ?? FamilySnapshot(name: name, kind: metric.kind, help: help, samples: [:])
            guard snapshot.kind == metric.kind else {
                warnOnce(name, "metric \(name.text) is collected as \(metric.kind), but it is a \(snapshot.kind)")
                continue
            }
            guard snapshot.samples.count < seriesBound else {
                warnOnce(name, "metric \(name.text) has more than \(seriesBound) series: the rest is left out")
                continue
            }
            if snapshot.samples[labels] == nil { snapshot.samples[labels] = .number(.real(metric.value)) }
            snapshots[name] = snapshot
        }
        return snapshots.values.sorted { $0.name < $1.name }
    }

    private static let noHelp = "No description given."

    private func warnOnce(_ name: FamilyName, _ warning: String) {
        if state.withLock({ $0.warned.insert(name).inserted }) { warn(warning) }
    }
}

extension MetricFamily.Series {
    var value: FamilySnapshot.Value {
        switch self {
        case .counter(let counter): .number(counter.value)
        case .gauge(let gauge): .number(gauge.value)
        case .summary(let summary): .summary(summary.value)
        }
    }
}
