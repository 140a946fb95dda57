import NIOCore
import NIOPosix
import Synchronization

extension FakeAPIServer {
    /// What happens in the cluster of a server.
    public struct EventPlan: Sendable {
        /// How often events are created or seen again, over all starts of the server.
        public var events: Int
        /// How many of that in a second.
        public var rate: Double
        /// How many events there are at once; beyond that the oldest expire.
        public var objects: Int
        /// Makes the same events again.
        public var seed: UInt64

        /// A plan from its parts.
        public init(events: Int, rate: Double, objects: Int = 500, seed: UInt64 = 1) {
            (self.events, self.rate, self.objects, self.seed) = (events, rate, objects, seed)
        }
    }

    /// Lets a plan happen on a server, at its rate: a time in which the server is away is not made up for.
    public final class EventGeneration: Sendable {
        private struct State {
            var generator: EventGenerator?
            var isPaused = false
            /// What of an event is due beyond whole ones.
            var due = 0.0
            var last: NIODeadline?
        }

        /// What is to happen.
        public let plan: EventPlan
        private let state = Mutex(State())

        /// For a plan.
        public init(_ plan: EventPlan) { self.plan = plan }

        /// Nothing happens as long as this is set.
        public var isPaused: Bool {
            get { state.withLock { $0.isPaused } }
            set { state.withLock { $0.isPaused = newValue } }
        }

        /// Goes on with the plan where the server's store stands, on a thread of NIO, until the process ends.
        public func start(on server: FakeAPIServer) {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { task in
                if self.tick(server, at: .now()) { task.cancel() }
            }
        }

        /// Makes events beside the plan.
        func create(_ count: Int, in server: FakeAPIServer) {
            run(count, server) { generator, store in generator.create(in: &store, at: FakeAPIServer.now) }
        }

        /// - Returns: whether all is done.
        private func tick(_ server: FakeAPIServer, at now: NIODeadline) -> Bool {
            let remaining = plan.events - server.state.read(\.store.observations)
            let count = state.withLock { state in
                defer { state.last = now }
                guard !state.isPaused, let last = state.last else { return 0 }
                // A process that was stopped does not make up for it at once.
                let elapsed = min(Double((now - last).nanoseconds) / 1e9, 0.1)
                state.due += elapsed * plan.rate
                defer { state.due -= state.due.rounded(.down) }
                return min(Int(state.due), remaining)
            }
            run(count, server) { generator, store in generator.step(in: &store, at: FakeAPIServer.now) }
            return remaining <= 0
        }

        private func run(
            _ count: Int,
            _ server: FakeAPIServer,
            _ step: (inout EventGenerator, inout Store) -> Void
        ) {
            guard count > 0 else { return }
            server.change { server in
                state.withLock { state in
                    var generator = state.generator ?? EventGenerator(plan, in: server.store)
                    state.generator = nil
                    for _ in 0..<count { step(&generator, &server.store) }
                    state.generator = generator
                }
            }
            server.signal(.changed)
        }
    }
}
