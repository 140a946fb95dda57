public import CoreMetrics

extension PrometheusRegistry: MetricsFactory {
    /// A counter; `_total` is added to its name when missing.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A counter of fractions, otherwise as `makeCounter`.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A summary when it aggregates, otherwise a gauge.
    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) ?? NOOPMetricsHandler.instance }
        return summary(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A summary in seconds; `_seconds` is added to its name when missing.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = label.hasSuffix("_seconds") ? label : label + "_seconds"
        return summary(name, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Forgets the counter's series.
    public func destroyCounter(_ handler: any CounterHandler) {
        if let series = handler as? CounterSeries { remove(series.key) }
    }

    /// Forgets the counter's series.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        if let series = handler as? CounterSeries { remove(series.key) }
    }

    /// Forgets the gauge's series.
    public func destroyMeter(_ handler: any MeterHandler) {
        if let series = handler as? GaugeSeries { remove(series.key) }
    }

    /// Forgets the recorder's series.
    public func destroyRecorder(_ handler: any RecorderHandler) {
        if let series = handler as? GaugeSeries { remove(series.key) }
        if let series = handler as? SummarySeries { remove(series.key) }
    }

    /// Forgets the timer's series.
    public func destroyTimer(_ handler: any TimerHandler) {
        if let series = handler as? SummarySeries { remove(series.key) }
    }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries? {
        guard case .counter(let counter) = series(name(label, .counter), .counter, dimensions) else { return nil }
        return counter
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries? {
        guard case .gauge(let gauge) = series(name(label, .gauge), .gauge, dimensions) else { return nil }
        return gauge
    }

    private func summary(_ label: String, _ dimensions: [(String, String)]) -> SummarySeries? {
        guard case .summary(let summary) = series(name(label, .summary), .summary, dimensions) else { return nil }
        return summary
    }

    private func name(_ label: String, _ kind: MetricDescription.Kind) -> FamilyName {
        FamilyName(label, prefix: prefix.description, kind: kind)
    }
}
