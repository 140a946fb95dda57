import Synchronization

extension ScriptedHTTPServer {
    /// What a server has seen, and how a test waits for it to see more.
    public final class Log: Sendable {
        /// Counts and requests at one moment.
        public struct Entries: Sendable {
            /// Connections that were accepted.
            public internal(set) var accepted = 0
            /// Connections that are closed, by whichever side.
            public internal(set) var closed = 0
            /// Requests that came in whole, in order.
            public internal(set) var requests: [Request] = []
            /// Bytes that the kernel has taken of finished `send` steps.
            public internal(set) var bytesSent = 0
            /// What TLS clients gave as the server's name, in order; those that gave none are not in it.
            public internal(set) var serverNames: [String] = []
        }

        private struct State {
            var entries = Entries()
            var waiters: [(until: @Sendable (Entries) -> Bool, gate: Gate)] = []
        }

        private let state = Mutex(State())

        /// All until now.
        public var entries: Entries { state.withLock { $0.entries } }

        /// Waits until the entries are as wanted. Throws CancellationError.
        public func wait(until isWanted: @escaping @Sendable (Entries) -> Bool) async throws {
            let gate = Gate()
            state.withLock { state in
                if isWanted(state.entries) { gate.open() } else { state.waiters.append((isWanted, gate)) }
            }
            try await gate.wait()
        }

        private func change(_ change: (inout Entries) -> Void) {
            let gates = state.withLock { state in
                change(&state.entries)
                let entries = state.entries
                let satisfied = state.waiters.filter { $0.until(entries) }
                if !satisfied.isEmpty { state.waiters.removeAll { $0.until(entries) } }
                return satisfied.map(\.gate)
            }
            for gate in gates { gate.open() }
        }

        func accepted() -> Int {
            var number = 0
            change { entries in
                entries.accepted += 1
                number = entries.accepted
            }
            return number
        }

        func closed() { change { $0.closed += 1 } }
        func received(_ request: Request) { change { $0.requests.append(request) } }
        func sent(_ count: Int) { change { $0.bytesSent += count } }
        func named(_ name: String?) { if let name { change { $0.serverNames.append(name) } } }
    }
}
