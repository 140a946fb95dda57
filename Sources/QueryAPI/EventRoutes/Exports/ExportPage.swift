internal import EventReader
internal import NIOCore
internal import Synchronization

/// A page on its way to the client.
struct ExportPage: Sendable {
    private var rest: ByteBuffer
    let count: Int
    let next: EventCursor?

    init(_ page: EventPage) {
        rest = ByteBuffer(bytes: page.items)
        (count, next) = (page.count, page.next)
    }

    /// Nil when all was taken.
    mutating func nextPiece(_ size: Int) -> ByteBuffer? {
        rest.readableBytes == 0 ? nil : rest.readSlice(length: min(rest.readableBytes, size))
    }
}

/// A page that waits for its stream, and is not kept once that has begun.
final class FirstPage: Sendable {
    private let page: Mutex<ExportPage?>

    init(_ page: ExportPage) {
        self.page = Mutex(page)
    }

    /// Nil the second time.
    func take() -> ExportPage? {
        page.withLock { page in
            defer { page = nil }
            return page
        }
    }
}
