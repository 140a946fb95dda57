/// The rules for names in Prometheus' exposition formats.
/// Source: https://prometheus.io/docs/concepts/data_model/
enum MetricName {
    /// Makes a metric name of any label: what is not allowed becomes `_`.
    static func sanitized(_ name: String) -> String {
        sanitized(name, colons: true)
    }

    /// Makes a label name of any text.
    static func sanitizedLabel(_ name: String) -> String {
        sanitized(name, colons: false)
    }

    static func isValid(_ name: String) -> Bool {
        !name.isEmpty && sanitized(name) == name
    }

    private static func sanitized(_ name: String, colons: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count + 1)
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                bytes.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
                bytes.append(byte)
            case UInt8(ascii: ":") where colons:
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "_"))
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// Without this ending, if it is there and something remains.
    func droppingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) && utf8.count > suffix.utf8.count ? String(dropLast(suffix.count)) : self
    }
}
