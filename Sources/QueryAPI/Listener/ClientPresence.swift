/// Whether the client of a connection, or of a stream of one, is still there.
struct ClientPresence: Sendable {
    private let gone: AsyncStream<Never>
    private let source: AsyncStream<Never>.Continuation

    init() {
        (gone, source) = AsyncStream.makeStream()
    }

    /// The client has left; told by the event loop, any number of times.
    func leave() { source.finish() }

    /// Runs `body`, and cancels it when the client leaves: a query that it waits for is then cancelled too.
    ///
    /// One task more for each connection or stream, not for each request of a connection.
    func whileHere(_ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await body() }
            group.addTask { for await _ in gone {} }
            await group.next()
            group.cancelAll()
        }
    }
}
