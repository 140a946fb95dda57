import Foundation

extension FakeAPIServer {
    /// Makes what happens in a cluster: events that are new, seen again and expired, and changes of other objects. It
    /// changes a store, and is seeded: no clock and no chance of its own.
    struct EventGenerator: Sendable {
        private let plan: EventPlan
        private var random: SplitMix64
        /// Keys of the events that are there, oldest first.
        private var live: [String]
        /// The restores of the store that `live` is about.
        private var restores: Int

        /// Goes on where a store stands.
        init(_ plan: EventPlan, in store: Store) {
            self.plan = plan
            // A server that was restarted is not to make the same uids again.
            random = SplitMix64(state: plan.seed &+ UInt64(store.observations) &* 0x2545_f491_4f6c_dd1d)
            live = Self.keys(of: store)
            restores = store.restores
        }

        private static func keys(of store: Store) -> [String] {
            store.items.values.sorted { $0.version < $1.version }.map(\.key)
        }

        /// Makes one more event, or has one seen again, and what goes on beside it.
        mutating func step(in store: inout Store, at time: Int64) {
            if restores != store.restores {
                live = Self.keys(of: store)
                restores = store.restores
            }
            if chance(12) { store.advance(by: Int.random(in: 1...3, using: &random), at: time) }
            if live.count > plan.objects {
                let expired = Array(live.prefix(Int.random(in: 1...5, using: &random)))
                live.removeFirst(expired.count)
                store.delete(keys: expired, at: time)
            }
            guard chance(30), let key = live.randomElement(using: &random), var event = store.items[key]?.event else {
                return create(in: &store, at: time)
            }
            event = event.again(at: Date(timeIntervalSince1970: Double(time) / 1_000_000))
            if event.eventTime != nil { event.lastObservedTime = time }
            // "(combined from similar events)" and others keep their name while the text changes.
            if chance(20) { event.describe(using: &random) }
            store.put(event, at: time)
        }

        /// Makes one event.
        mutating func create(in store: inout Store, at time: Int64) {
            let object = "web-\(Int.random(in: 0..<50, using: &random))"
            var event = Event(
                namespace: Self.namespaces.randomElement(using: &random)!,
                name: object + "." + hexadecimal(random.next()),
                object: object,
                uid: uid(),
                reason: Self.reasons.randomElement(using: &random)!,
                type: chance(15) ? "Warning" : "Normal",
                time: Date(timeIntervalSince1970: Double(time) / 1_000_000)
            )
            if !chance(30) { event.eventTime = time }
            event.describe(using: &random)
            store.put(event, at: time)
            live.append(Store.key(event))
        }

        private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

        private mutating func uid() -> String {
            let (high, low) = (hexadecimal(random.next()), hexadecimal(random.next()))
            return
                "\(high.prefix(8))-\(high.dropFirst(8).prefix(4))-4\(high.suffix(3))-a\(low.prefix(3))-\(low.suffix(12))"
        }

        private func hexadecimal(_ number: UInt64) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }

        private static let namespaces = ["default", "shop", "batch", "kube-system", "team-a", "team-b", "monitoring"]
        private static let reasons = [
            "Scheduled", "Pulling", "Pulled", "Created", "Started", "Killing", "BackOff", "Unhealthy", "FailedMount",
            "SuccessfulCreate", "ScalingReplicaSet", "NodeNotReady",
        ]
    }
}

extension FakeAPIServer.Event {
    /// Gives it another message: most are a line, some are long, and a few hold what is hard to keep.
    fileprivate mutating func describe(using random: inout SplitMix64) {
        let number = Int.random(in: 0..<1_000_000, using: &random)
        messageJSON = nil
        switch Int.random(in: 0..<1000, using: &random) {
        case 0..<900:
            message = "Successfully assigned pod \(number) to node-\(number % 40): " + Self.filler(number % 120)
        case 900..<960: message = "Readiness probe \(number) failed: " + Self.filler(1000 + number % 3000)
        case 960..<962: message = "\(number) " + Self.filler(20_000)
        case 962..<975: message = "Zoë ✅ \(number) 日本語 \u{1F680} e\u{301} <b>&amp;</b> \u{2028}\t\"quoted\" \\ \r\n"
        case 975..<988: message = "a NUL \(number): \u{0}, and \u{1}\u{7f}\u{fffd}"
        default: messageJSON = Array(#""half a pair \#(number): \ud83d, the other \ude80, \ufffd""#.utf8)
        }
    }

    private static func filler(_ count: Int) -> String {
        String(repeating: "0/5 nodes are available; ", count: count / 25 + 1)
    }
}
