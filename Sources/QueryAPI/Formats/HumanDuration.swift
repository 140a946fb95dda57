/// How long ago something was, as kubectl tells it: `5s`, `3m20s`, `2d4h`.
///
/// Source: k8s.io/apimachinery pkg/util/duration, HumanDuration. Two units while the larger is small, one after that;
/// days, hours and minutes are cut off, never rounded.
enum HumanDuration {
    static func text(microseconds: Int64) -> String {
        let seconds = microseconds / 1_000_000
        // Two clocks may differ a little; what lies further ahead is no age.
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        if seconds < 120 { return "\(seconds)s" }
        let minutes = seconds / 60
        if minutes < 10 { return two(minutes, "m", seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        let hours = minutes / 60
        if hours < 8 { return two(hours, "h", minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        let days = hours / 24
        if days < 8 { return two(days, "d", hours % 24, "h") }
        if days < 2 * 365 { return "\(days)d" }
        if days < 8 * 365 { return two(days / 365, "y", days % 365, "d") }
        return "\(days / 365)y"
    }

    private static func two(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
        small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(smallUnit)"
    }
}
