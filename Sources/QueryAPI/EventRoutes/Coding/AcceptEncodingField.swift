internal import HTTPTypes
internal import Hummingbird

/// The client's `Accept-Encoding`. Source: RFC 9110 section 12.5.3.
enum AcceptEncodingField {
    /// Whether the client takes gzip, and not rather what was not compressed. Without the field it gets it plain: it
    /// may not know how to read anything else.
    static func prefersGzip(_ headers: HTTPFields) -> Bool {
        guard let field = headers[.acceptEncoding] else { return false }
        var gzip: Int?
        var plain: Int?
        var others: Int?
        for item in WeightedList(field).items {
            switch item.value {
            // `x-gzip` is gzip's old name. Source: RFC 9110 section 8.4.1.3.
            case "gzip", "x-gzip": gzip = max(gzip ?? 0, item.weight)
            case "identity": plain = item.weight
            case "*": others = item.weight
            default: continue
            }
        }
        let weight = gzip ?? others ?? 0
        return weight > 0 && weight >= plain ?? 0
    }
}
