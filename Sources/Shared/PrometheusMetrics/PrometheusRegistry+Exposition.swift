extension PrometheusRegistry {
    /// All metrics as text, families and series in a stable order.
    /// Source: https://prometheus.io/docs/instrumenting/exposition_formats/ and the OpenMetrics 1.0 specification.
    public func exposition(_ format: ExpositionFormat) -> String {
        var writer = ExpositionWriter(format: format)
        for family in snapshot() { writer.write(family) }
        return writer.finish()
    }
}

/// Writes families in one of the formats.
struct ExpositionWriter {
    let format: ExpositionFormat
    private var text = ""

    init(format: ExpositionFormat) {
        self.format = format
        text.reserveCapacity(16_384)
    }

    mutating func write(_ family: FamilySnapshot) {
        let base = family.name.text
        let sample = family.kind == .counter ? base + "_total" : base
        // Prometheus text names the family as its samples are named, OpenMetrics without `_total`.
        let heading = format == .openMetrics ? base : sample
        text += "# HELP \(heading) \(escapedHelp(family.help))\n# TYPE \(heading) \(family.kind.rawValue)\n"
        for (labels, value) in family.samples.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .number(let number):
                line(sample, labels, "\(number)")
            case .summary(let summary):
                for (fraction, value) in zip(SummarySeries.quantiles, summary.quantiles) {
                    line(base, labels, MetricNumber.text(value), quantile: "\(fraction)")
                }
                line(base + "_sum", labels, MetricNumber.text(summary.sum))
                line(base + "_count", labels, "\(summary.count)")
            }
        }
    }

    consuming func finish() -> String {
        format == .openMetrics ? text + "# EOF\n" : text
    }

    private mutating func line(_ name: String, _ labels: LabelSet, _ value: String, quantile: String? = nil) {
        var pairs = labels.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
        if let quantile { pairs.append("quantile=\"\(quantile)\"") }
        text += pairs.isEmpty ? "\(name) \(value)\n" : "\(name){\(pairs.joined(separator: ","))} \(value)\n"
    }

    /// Prometheus text leaves quotes in help as they are, OpenMetrics escapes them.
    private func escapedHelp(_ help: String) -> String {
        Self.escaped(help, quotes: format == .openMetrics)
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        let needsEscape: (UInt8) -> Bool = { byte in
            byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\n") || (quotes && byte == UInt8(ascii: "\""))
        }
        guard text.utf8.contains(where: needsEscape) else { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if needsEscape(byte) { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte == UInt8(ascii: "\n") ? UInt8(ascii: "n") : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
