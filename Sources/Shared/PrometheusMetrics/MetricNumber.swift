/// A number as the exposition formats write it.
enum MetricNumber: Sendable, Equatable, CustomStringConvertible {
    case whole(UInt64)
    case real(Double)

    var description: String {
        switch self {
        case .whole(let value): String(value)
        case .real(let value): Self.text(value)
        }
    }

    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        // Below 2^53 every whole number is exact, and reads better without a fraction.
        if value.magnitude < 9_007_199_254_740_992, value == value.rounded() { return String(Int64(value)) }
        return value.description
    }
}
