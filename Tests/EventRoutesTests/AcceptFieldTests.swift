import HTTPTypes
import Testing

@testable import EventRoutes

@Suite("Accept and Accept-Encoding")
struct AcceptFieldTests {
    static let fields: [(String?, MediaType?)] = [
        (nil, .json), ("", .json), ("*/*", .json), ("application/*", .json), ("text/*", .table),
        ("application/json", .json), ("APPLICATION/JSON;charset=utf-8", .json), ("application/x-ndjson", .lines),
        ("text/csv", .csv), ("text/plain", .table), ("text/csv;header=present", .csv),
        // What browsers send.
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", .json),
        // The most liked.
        ("text/csv;q=0.5, application/x-ndjson;q=0.9", .lines), ("text/csv;q=0.9,application/x-ndjson;q=0.25", .csv),
        ("application/json;q=0.1, text/*;q=0.2", .table),
        // The closest range tells of a form, whatever another says.
        ("*/*, application/json;q=0", .lines), ("text/*, text/plain;q=0.1", .csv), ("text/csv;q=0, */*;q=0.5", .json),
        // Named rather than meant, then the first named.
        ("*/*, text/csv", .csv), ("text/csv, application/json", .csv), ("application/json, text/csv", .json),
        // Nothing.
        ("text/html", nil), ("application/json;q=0", nil), ("*/*;q=0", nil), ("image/*, text/html;q=0.3", nil),
        ("text/event-stream", nil), ("garbage", nil), (";q=1,,", .json),
        // What is no weight is none.
        ("text/csv;q=2", .csv), ("text/csv;q=nan", .csv), ("text/csv;q=", .csv), ("text/csv;q=0.000", nil),
    ]

    @Test(arguments: fields) func theFormThatIsLikedBest(field: String?, form: MediaType?) throws {
        var headers: HTTPFields = [:]
        headers[.accept] = field
        if let form {
            #expect(try AcceptField.choose(among: MediaType.ofEvents, headers) == form)
        } else {
            let problem = #expect(throws: Problem.self) {
                try AcceptField.choose(among: MediaType.ofEvents, headers)
            }
            #expect(problem?.status == .notAcceptable)
            #expect(
                problem?.detail.hasPrefix(
                    "The answer is application/json, application/x-ndjson, text/plain or text/csv, which the Accept field"
                ) == true
            )
        }
    }

    static let codings: [(String?, Bool)] = [
        (nil, false), ("", false), ("gzip", true), ("GZIP", true), ("x-gzip", true), ("*", true), ("br", false),
        ("gzip, deflate, br, zstd", true), ("gzip;q=0", false), ("gzip;q=0.0, *", false), ("*;q=0", false),
        ("identity", false), ("identity;q=0.5, gzip;q=0.4", false), ("identity;q=0.4, gzip;q=0.5", true),
        ("gzip, identity", true), ("identity;q=0", false), ("br, *;q=0.1", true),
    ]

    @Test(arguments: codings) func gzipForThoseWhoAskForIt(field: String?, isGzip: Bool) {
        var headers: HTTPFields = [:]
        headers[.acceptEncoding] = field
        #expect(AcceptEncodingField.prefersGzip(headers) == isGzip)
    }
}
