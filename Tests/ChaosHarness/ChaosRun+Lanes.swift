import Foundation
import TestSupport

/// Each part has its faults one after the other; those of different parts meet as they will.
extension ChaosRun {
    private func wait(for step: ChaosPlan.Step) async throws {
        try await Task.sleep(until: progress.start + step.after)
        progress.note(step)
    }

    func befallServer() async throws {
        for step in plan.steps(of: .apiServer) {
            try await wait(for: step)
            try await befallServer(step.fault)
            progress.faultIsOver(step)
        }
    }

    private func befallServer(_ fault: ChaosFault) async throws {
        let control = server.control
        switch fault {
        case .killAPIServer(let away):
            try await server.end(with: SIGKILL)
            try await Task.sleep(for: away)
            try await server.start()
        case .freezeAPIServer(let duration):
            server.signal(SIGSTOP)
            try await Task.sleep(for: duration)
            server.signal(SIGCONT)
        case .cutWatches: try await control.order("cut?after=%7B%22type%22%3A%22ADDED%22%2C%22obj")
        case .endWatches: try await control.order("end")
        case .halfOpen: try await control.order("half-open")
        case .compact(let away, let isSilent): try await compact(away, isSilent)
        case .rotateToken(let fileFirst, let between):
            let token = tokens.next()
            if fileFirst { try tokens.write(token) }
            if !fileFirst { try await control.order("token?accept=\(token)") }
            try await Task.sleep(for: between)
            if fileFirst { try await control.order("token?accept=\(token)") }
            if !fileFirst { try tokens.write(token) }
            try await control.order("cut")
        case .refuse(let refusal, let count):
            try await control.order("refuse?status=\(refusal.rawValue)&count=\(count)")
            try await control.order("cut")
        case .restore(let age, let isBumped): try await restore(age, isBumped)
        case .killCollector, .restartCollector, .freezeCollector, .killDatabase, .freezeDatabase, .fillSpool:
            throw ChaosFailure("\(fault) does not befall the API server")
        }
    }

    private func compact(_ away: Duration, _ isSilent: Bool) async throws {
        let control = server.control
        // Who is away already misses all until he is back, and a run would soon be more gap than watch.
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end, try await control.order("status").watches == 0 {
            try await Task.sleep(for: .milliseconds(50))
        }
        try await control.order("refuse?status=close&count=1000000")
        try await control.order("cut")
        try await Task.sleep(for: away)
        try await control.order("stale?answer=\(isSilent ? "empty" : "expired")")
        try await control.order("compact")
        try await control.order("accept")
        // A list that is under way meets it too.
        try await Task.sleep(for: .milliseconds(50))
        try await control.order("expire-tokens")
        if isSilent {
            try await Task.sleep(for: .seconds(2))
            try await control.order("stale?answer=expired")
        }
    }

    /// In earnest the versions that were undone come again only after hours, for other objects than before. So nothing
    /// happens until the archive knows that it begins anew: whoever goes on from one of these versions once they are
    /// reached cannot tell that they are not his.
    private func restore(_ age: Duration, _ isBumped: Bool) async throws {
        let control = server.control
        try await control.order("backup")
        try await Task.sleep(for: age)
        try await control.order("generator?paused=1")
        let time = FakeAPIServer.now
        try await control.order("restore" + (isBumped ? "?bump=1000000" : ""))
        let end = ContinuousClock.now + .seconds(30)
        var newest: Int64?
        while ContinuousClock.now < end, newest ?? 0 < time {
            try await Task.sleep(for: .milliseconds(100))
            newest = try? await Archived.newestStretch(of: ChaosOptions.cluster, in: database)
        }
        if newest ?? 0 < time { progress.note("nobody has noticed the restore") }
        try await control.order("generator?paused=0")
    }

    func befallDatabase() async throws {
        for step in plan.steps(of: .database) {
            try await wait(for: step)
            switch step.fault {
            case .freezeDatabase(let duration):
                try await postgres.freeze()
                try await Task.sleep(for: duration)
                try await postgres.thaw()
            case .fillSpool(let duration):
                for collector in collectors { collector.spool.fill() }
                try await postgres.stop(.immediate)
                try await Task.sleep(for: duration)
                try await postgres.start()
                for collector in collectors { collector.spool.clear() }
            case .killDatabase(let away):
                try await postgres.stop(.immediate)
                try await Task.sleep(for: away)
                try await postgres.start()
            default: throw ChaosFailure("\(step.fault) does not befall the database")
            }
            progress.faultIsOver(step)
        }
    }

    /// Faults of a collector, and a new start whenever it ends by itself, as a kubelet would see to it. Until the end.
    func befall(_ collector: CollectorProgram) async throws {
        for step in plan.steps(of: .collector(collector.number)) {
            try await attend(collector, until: progress.start + step.after)
            progress.note(step)
            switch step.fault {
            case .killCollector(_, let away): try await restart(collector, SIGKILL, away)
            case .restartCollector(_, let away): try await restart(collector, SIGTERM, away)
            case .freezeCollector(_, let duration):
                collector.signal(SIGSTOP)
                try await Task.sleep(for: duration)
                collector.signal(SIGCONT)
            default: throw ChaosFailure("\(step.fault) does not befall a collector")
            }
            progress.faultIsOver(step)
        }
        try await attend(collector, until: .now + .seconds(86_400))
    }

    private func restart(_ collector: CollectorProgram, _ signal: Int32, _ away: Duration) async throws {
        try await within(.seconds(60), "the end of collector \(collector.number) after signal \(signal)") {
            try await collector.end(with: signal)
        }
        try await Task.sleep(for: away)
        try await collector.start()
    }

    private func attend(_ collector: CollectorProgram, until end: ContinuousClock.Instant) async throws {
        while ContinuousClock.now < end {
            let exit = try await withThrowingTaskGroup(of: ProgramRun.Exit?.self) { group in
                group.addTask { try await collector.waitForExit() }
                group.addTask {
                    try await Task.sleep(until: end)
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            guard let exit else { return }
            progress.endedByItself(collector, exit)
            try await Task.sleep(for: .milliseconds(300))
            try await collector.start()
        }
    }
}
