/// The two ways to write metrics.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus text 0.0.4.
    case prometheusText
    /// OpenMetrics 1.0.
    case openMetrics

    /// The value of `Content-Type`.
    public var contentType: String {
        switch self {
        case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// OpenMetrics when the client asks for it by name and prefers it, or likes it as much as text; otherwise text,
    /// whatever it asks for: a scrape that fails for an `Accept` helps nobody.
    /// - Parameter accept: the value of the `Accept` field, if there was one.
    public init(accept: String?) {
        var text = 0.0
        var open = 0.0
        for range in (accept ?? "").lowercased().split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.trimmingSpaces() }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            let version = parts.dropFirst().first { $0.hasPrefix("version=") }?.dropFirst(8)
            switch parts.first {
            case "application/openmetrics-text":
                // 0.0.1 is what Prometheus asked for before 1.0 was final; the text is the same.
                if version == nil || version == "1.0.0" || version == "0.0.1" { open = max(open, quality) }
            case "text/plain", "text/*", "*/*":
                text = max(text, quality)
            default:
                break
            }
        }
        self = open > 0 && open >= text ? .openMetrics : .prometheusText
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        var trimmed = drop { $0 == " " || $0 == "\t" }
        while let last = trimmed.last, last == " " || last == "\t" { trimmed.removeLast() }
        return trimmed
    }
}
