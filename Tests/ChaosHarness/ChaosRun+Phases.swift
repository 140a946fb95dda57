import Foundation
import TestSupport

extension ChaosRun {
    /// Starts everything, and lets events come once the first of them has made its whole way: until then nothing has
    /// been watched, and nothing could be missed.
    func begin() async throws {
        try await server.start(paused: true)
        for collector in collectors { try await collector.start() }
        try await eventually(within: .seconds(60), "an open watch") {
            for collector in collectors where collector.hasEnded {
                throw ChaosFailure("collector \(collector.number) does not start: \(collector.lastWords())")
            }
            return try await server.control.order("status").watches
        } until: {
            $0 > 0
        }
        try await server.control.order("create")
        try await eventually(within: .seconds(60), "a first event in the archive") {
            try? await Archived(cluster: ChaosOptions.cluster, in: database).counts.count
        } until: {
            $0 == 1
        }
        try await server.control.order("generator?paused=0")
        progress.begin(at: .now)
    }

    /// Waits until all events have come and the archive has caught up, or does so no more.
    func settle() async throws -> Verdict {
        progress.note("all faults are over")
        try await eventually(within: .seconds(120) + plan.length, "the last of the events") {
            try await server.control.order("status").isDone
        } until: {
            $0
        }
        // What is brought after it cannot be late: a collector brings things in their order.
        try await server.control.order("create")
        progress.note("all events are made")
        let truth = try Truth(journal: [UInt8](Data(contentsOf: URL(fileURLWithPath: server.journal))))
        let end = ContinuousClock.now + options.patience
        var last: Verdict?
        while ContinuousClock.now < end {
            if let archived = try? await Archived(cluster: ChaosOptions.cluster, in: database) {
                let verdict = Verdict(truth, archived)
                last = verdict
                if verdict.hasLast, verdict.lost == 0 { break }
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        guard let last else { throw ChaosFailure("the database could not be read in \(options.patience)") }
        return last
    }

    /// Ends everything, however the run went.
    func stop() async {
        for collector in collectors {
            collector.signal(SIGCONT)
            await collector.kill()
            collector.spool.unmount()
        }
        server.signal(SIGCONT)
        await server.kill()
        try? await postgres.thaw()
        let log = URL(fileURLWithPath: postgres.folder + "/log")
        try? await postgres.stop(.immediate)
        try? FileManager.default.copyItem(at: log, to: URL(fileURLWithPath: options.folder + "/postgres.log"))
    }
}
