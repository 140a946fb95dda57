internal import EventReader
internal import EventSchema
internal import Hummingbird
internal import NIOCore

/// All events of a question, as a stream: page after page, each asked for in its own short transaction when the client
/// has taken the one before. Between pages nothing of the database is held, however slow the client is; memory is that
/// of one page.
struct EventExport<Repository: EventRepository>: Sendable {
    /// Events of a page; the reader ends it earlier where they are large.
    static var pageSize: Int { 1_000 }
    /// Bytes that are written at once: as much as a channel takes before it wants to be waited for.
    static var pieceSize: Int { 64 << 10 }

    let repository: Repository
    let desk: ExportDesk
    let form: PageForm
    var query: EventQuery
    /// Events at most; nil for all.
    var limit: Int?
    /// How long the archive may take for one page.
    let timeout: Duration

    /// In ascending order there is no end while events arrive, so that a slow client could go on for ever: the newest
    /// event there is now becomes the last. In descending order the newest are passed already.
    mutating func pinEnd() async throws {
        guard query.order == .oldestFirst, query.until == nil else { return }
        var newest = EventQuery(query.scope)
        newest.visibility = query.visibility
        let page = try await page(of: newest, after: nil, limit: 1)
        query.until = (page.last?.time ?? WallClock.now) + 1
    }

    func page(after cursor: EventCursor?, limit: Int?) async throws -> ExportPage {
        ExportPage(try await page(of: query, after: cursor, limit: min(limit ?? Self.pageSize, Self.pageSize)))
    }

    private func page(of query: EventQuery, after cursor: EventCursor?, limit: Int) async throws -> EventPage {
        try await desk.inTurn {
            try await repository.page(
                query,
                after: cursor,
                limit: limit,
                as: form,
                deadline: .now.advanced(by: timeout)
            )
        }
    }

    /// Writes the pages from the first on, and the end of the stream. The listener cancels this when the client leaves, and
    /// closes the connection of one that takes nothing.
    /// - Throws: when the archive fails or the client leaves; the stream then ends without its last chunk.
    func write(from first: ExportPage, to writer: inout any ResponseBodyWriter) async throws {
        if form == .csv { try await writer.write(ByteBuffer(staticString: PageForm.csvHeader)) }
        var page = first
        var rest = limit
        while true {
            while let piece = page.nextPiece(Self.pieceSize) { try await writer.write(piece) }
            rest = rest.map { $0 - page.count }
            guard let next = page.next, rest ?? 1 > 0 else { break }
            page = try await self.page(after: next, limit: rest)
        }
        try await writer.finish(nil)
    }
}
