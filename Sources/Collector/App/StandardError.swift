import Archiving
import StructuredLogging

/// Standard error, a line at a time.
struct StandardError: ReplayRun.Output {
    func line(_ text: String) {
        let line = String(text.map { $0.isNewline ? " " : $0 })
        LineSink.standardError.write("kee-collector: \(line)")
    }
}
