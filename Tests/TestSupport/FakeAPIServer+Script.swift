import Foundation
import NIOCore

/// What a test makes happen, and what it sees.
extension FakeAPIServer {
    /// Creates an event, or changes the one of its name. Returns its version.
    @discardableResult
    public func put(_ event: Event) -> Int {
        let version = change { $0.store.put(event) }
        signal(.changed)
        return version
    }

    /// Creates many events, and tells the watches once.
    public func put(_ events: [Event]) {
        change { state in
            for event in events { state.store.put(event) }
        }
        signal(.changed)
    }

    /// Deletes events, all at one version.
    public func delete(_ events: [Event]) {
        change { $0.store.delete(events) }
        signal(.changed)
    }

    /// Forgets what was before a version, as etcd's compaction does.
    public func expire(before version: Int) {
        change { $0.store.compact(before: version) }
    }

    /// Counts the version up and forgets all before it.
    public func expireAll() {
        change { state in
            state.store.advance()
            state.store.compact(before: state.store.version)
        }
    }

    /// Counts the version up, as a change of another kind of object does.
    public func advance() {
        change { $0.store.advance() }
    }

    /// Ends all open watches as their `timeoutSeconds` would.
    public func endWatches() { signal(.end) }

    /// Closes the connections of all open watches without a last chunk, in the middle of a line if one is given.
    public func cutWatches(after partialLine: String = "") { signal(.cut(Array(partialLine.utf8))) }

    /// Sends nothing more on the connections that are open, and takes nothing from them, without closing them: as a
    /// network that drops packets, or a proxy that is stuck. New connections work.
    public func halfOpenConnections() {
        let channels = state.change { state in
            state.watches = []
            return Array(state.connections.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(Signal.halfOpen) }
    }

    /// Closes all connections, idle ones too; those of its control stay.
    public func cutConnections() {
        for channel in state.read({ Array($0.connections.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(Signal.close)
        }
    }

    /// Answers watches from versions that are compacted in this way from now on.
    public func answerStaleWatches(with answer: StaleAnswer) {
        state.change { $0.staleAnswer = answer }
    }

    /// Lets the continue tokens expire that were given out until now.
    public func expireTokens() {
        change { $0.store.expireTokens() }
    }

    /// Keeps what there is now, for `restore`.
    public func backUp() {
        change { $0.store.backUp() }
    }

    /// Goes back to the backup, and closes all connections, as the restart does that goes with it; see `Store.restore`.
    public func restore(revisionBump: Int? = nil) {
        change { $0.store.restore(revisionBump: revisionBump) }
        cutConnections()
    }

    /// Sends a BOOKMARK of the newest version to all open watches, as a server with a watch cache does.
    public func sendBookmarks() {
        let version = state.read(\.store).version
        sendToWatches(
            "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Event\",\"apiVersion\":\"v1\",\"metadata\":"
                + "{\"resourceVersion\":\"\(version)\"},\"involvedObject\":{},\"source\":{},\"firstTimestamp\":null,"
                + "\"lastTimestamp\":null,\"eventTime\":null,\"reportingComponent\":\"\",\"reportingInstance\":\"\"}}\n"
        )
    }

    /// Sends text to all open watches as it is.
    public func sendToWatches(_ text: String) { signal(.send(Array(text.utf8))) }

    /// Treats the next requests of these kinds specially.
    public func refuseNext(
        _ count: Int = 1,
        _ kinds: Set<Request.Kind> = [.list, .watch, .version],
        with answer: Answer
    ) {
        state.change { $0.refusals.append(Refusal(kinds: kinds, answer: answer, count: count)) }
    }

    /// Treats all requests as they should be again.
    public func refuseNoMore() {
        state.change { $0.refusals = [] }
    }

    /// Accepts these tokens from now on; nil for any or none.
    public func accept(tokens: Set<String>?) {
        state.change { $0.tokens = tokens }
    }

    /// Forgets all but about so many requests, for a server that runs long.
    public func keepRequests(_ count: Int) {
        state.change { $0.requestsKept = count }
    }

    /// The token in a file, without the newline behind it.
    public static func readToken(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// How a watch from a version that is compacted is answered.
    public enum StaleAnswer: Sendable {
        /// With an ERROR of code 410 in the stream.
        case expired
        /// With an end at once and without a word (kubernetes#104171).
        case emptyEnd
    }

    /// What it holds now.
    public var store: Store { state.read(\.store) }

    /// All requests until now, in order.
    public var requests: [Request] { state.read(\.requests) }

    /// How many watches are open.
    public var openWatches: Int { state.read(\.watches.count) }

    /// Waits until the requests are as wanted.
    @discardableResult
    public func waitForRequests(until isWanted: @escaping @Sendable ([Request]) -> Bool) async throws -> [Request] {
        try await state.wait { isWanted($0.requests) }.requests
    }

    /// Waits until so many watches are open.
    public func waitForWatches(_ count: Int = 1) async throws {
        try await state.wait { $0.watches.count == count }
    }
}
