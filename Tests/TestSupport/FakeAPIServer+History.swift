/// Histories that end, and streams that say nothing.
extension FakeAPIServer {
    /// Goes on from the state of a backup, as after etcd was restored. Watches that are open hear nothing of it.
    public func restore(_ store: Store) {
        state.change { $0.store = store }
    }
}

extension FakeAPIServer.Answer {
    /// A watch that is accepted and then silent for ever, like one on a connection that is dead without a FIN.
    public static var silentWatch: FakeAPIServer.Answer { .bytes(Array(head(["Transfer-Encoding: chunked"]).utf8)) }

    /// A watch that is accepted and ends at once, cleanly.
    public static var emptyWatch: FakeAPIServer.Answer {
        .bytes(Array(head(["Transfer-Encoding: chunked"]).utf8) + lastChunk)
    }

    /// No answer: the connection stays open.
    public static var nothing: FakeAPIServer.Answer { .bytes([]) }
}
