internal import EventReader
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// The forms that are streamed.
enum ExportForm {
    case lines
    case csv

    var mediaType: MediaType {
        switch self {
        case .lines: .lines
        case .csv: .csv
        }
    }

    var pageForm: PageForm {
        switch self {
        case .lines: .lines
        case .csv: .csv
        }
    }
}

/// Answers with streams.
struct ExportService<Repository: EventRepository>: Sendable {
    private let repository: Repository
    private let desk: ExportDesk
    private let timeout: Duration
    private let metrics: ExportMetrics
    private let logger: Logger

    init(repository: Repository, settings: EventAPISettings, metrics: ExportMetrics, logger: Logger) {
        self.repository = repository
        desk = ExportDesk(places: settings.exportBound, fetches: settings.exportFetches) { metrics.set(underWay: $0) }
        timeout = settings.requestTimeout
        (self.metrics, self.logger) = (metrics, logger)
    }

    /// The head that a stream would have, without asking for any event.
    func head(
        of question: EventQuestion,
        _ path: EventPath,
        _ form: ExportForm,
        deadline: ContinuousClock.Instant
    ) async throws -> Response {
        switch question.query.scope {
        case .everything: break
        case .cluster(let cluster), .namespace(let cluster, _):
            // Throws if there is none.
            _ = try await repository.coverage(
                of: cluster,
                visibility: question.query.visibility,
                deadline: deadline
            )
        }
        return Response(status: .ok, headers: Self.headers(path, form))
    }

    /// The stream. Its first page is read before its head is written, so that what is wrong with a question is said as
    /// with any other.
    /// - Throws: a 503 when too many are under way, and what a page would throw.
    func response(
        to question: EventQuestion,
        limit: Int?,
        _ path: EventPath,
        _ form: ExportForm
    ) async throws -> Response {
        let place: ExportPlace
        do throws(Problem) {
            place = try desk.admit()
        } catch {
            metrics.countRefused()
            throw error
        }
        var export = EventExport(
            repository: repository,
            desk: desk,
            form: form.pageForm,
            query: question.query,
            limit: limit,
            timeout: timeout
        )
        try await export.pinEnd()
        let first = FirstPage(try await export.page(after: question.cursor, limit: limit))
        let body = ResponseBody { [export] writer in
            guard let first = first.take() else { throw CancellationError() }
            do {
                try await export.write(from: first, to: &writer)
            } catch {
                report(error)
                throw error
            }
            // Held up to here.
            withExtendedLifetime(place) {}
        }
        return Response(status: .ok, headers: Self.headers(path, form), body: body)
    }

    /// What the archive did not give is told of; that a client left is its own affair.
    private func report(_ error: any Error) {
        guard !Task.isCancelled, let error = error as? EventReaderError else { return }
        metrics.countBroken()
        logger.warning("an export ended early", metadata: ["error": "\(error)"])
    }

    private static func headers(_ path: EventPath, _ form: ExportForm) -> HTTPFields {
        var headers: HTTPFields = [
            .contentType: form.mediaType.contentType,
            .xContentTypeOptions: "nosniff",
            .vary: "Accept",
        ]
        if form == .csv { headers[.contentDisposition] = "attachment; filename=\"\(path.fileName).csv\"" }
        return headers
    }
}

extension EventPath {
    /// `events-prod-shop`: what a file system takes, and not too long for it.
    var fileName: String {
        let name = (["events"] + parts).joined(separator: "-").utf8.prefix(100).map { byte -> Character in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
                Character(Unicode.Scalar(byte))
            default: "_"
            }
        }
        return String(name)
    }
}
