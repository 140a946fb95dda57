internal import Coverage
internal import EventReader
internal import EventSchema
internal import Formats
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// A page of events as it is answered.
struct EventPageAnswer {
    enum Form {
        case json
        /// As `kubectl get events` prints it.
        case table
    }

    var page: EventPage
    /// Of the next page; nil on the last.
    var token: String?
    /// Nil where the form does not tell of them.
    var gaps: ArchiveCoverage.Gaps?
    var link: NextLink?

    func response(_ form: Form, _ path: EventPath) throws -> Response {
        var response: Response
        switch form {
        case .json:
            response = .json(EventListBody.events(page, token: token, gaps))
            if let link, link.fitsBesideJSON { response.headers[.link] = link.field }
        case .table:
            let table = try EventTable.text(of: page.items, in: path.tableScope, now: WallClock.now)
            response = Response(
                status: .ok,
                headers: [.contentType: MediaType.table.contentType, .xContentTypeOptions: "nosniff"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: table))
            )
            response.headers[.link] = link?.field
        }
        response.headers[.vary] = "Accept"
        return response
    }
}

extension EventPath {
    fileprivate var tableScope: EventTable.Scope {
        switch scope {
        case .everything: .clusters
        case .cluster: .cluster
        case .namespace(_, let namespace): .namespace(namespace)
        }
    }
}

/// The way to the next page as a header field, which forms without metadata need. Source: RFC 8288.
struct NextLink: Equatable {
    /// As the client sent it.
    let path: String
    /// Nil if none was given.
    let limit: Int?
    let token: String

    /// Proxies take 4 KiB of header fields from a server, some of them no more; in JSON the token is in the body.
    var fitsBesideJSON: Bool { token.utf8.count + path.utf8.count <= 2_048 }

    var field: String {
        let limit = limit.map { "limit=\($0)&" } ?? ""
        return "<\(escapedPath)?\(limit)continue=\(token)>; rel=\"next\""
    }

    /// The path without what would end the link or the field.
    private var escapedPath: String {
        var escaped = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "%"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "+"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}

extension HTTPField.Name {
    /// Source: RFC 8288 section 3.
    static let link = HTTPField.Name("Link")!
}
