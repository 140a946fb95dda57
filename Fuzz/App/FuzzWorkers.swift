import Dispatch
import FuzzEngine
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// As many threads as cores, each taking the next number, and one that watches them.
final class FuzzWorkers: Sendable {
    private struct Work {
        var number: UInt64
        var since: ContinuousClock.Instant
    }

    private struct Failure {
        let number: UInt64
        let text: String
    }

    /// A document is at most 1 MiB, which takes tens of milliseconds; so this is a hang, or a time that grows with the
    /// square of the length.
    private static let patience = Duration.seconds(5)

    private let run: FuzzRun
    private let settings: FuzzSettings
    private let next: Atomic<UInt64>
    private let end: UInt64
    private let work: Mutex<[Int: Work]> = Mutex([:])
    private let counts = Mutex(FuzzCounts())
    private let failure = Mutex<Failure?>(nil)
    private let progress = Mutex((time: ContinuousClock.now, tenth: UInt64(0)))

    init(_ run: FuzzRun, _ settings: FuzzSettings) {
        self.run = run
        self.settings = settings
        next = Atomic(settings.first)
        end = settings.first + settings.documents
    }

    /// - Returns: what became of the documents; nil after a failure, which is told.
    func readAll(threads: Int) -> FuzzCounts? {
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "kee-fuzz.watchdog"))
        timer.schedule(deadline: .now() + 1, repeating: 1)
        timer.setEventHandler { self.look() }
        timer.activate()
        DispatchQueue.concurrentPerform(iterations: threads) { read(on: $0) }
        timer.cancel()
        guard let failure = failure.withLock({ $0 }) else { return counts.withLock { $0 } }
        tell("error: document \(failure.number) of seed \(run.seed): \(failure.text)")
        keep(run.document(failure.number), seed: run.seed, number: failure.number, in: settings.folder)
        return nil
    }

    private func read(on thread: Int) {
        while failure.withLock({ $0 == nil }) {
            let number = next.add(1, ordering: .relaxed).oldValue
            guard number < end else { break }
            work.withLock { $0[thread] = Work(number: number, since: .now) }
            Crash.begin(number, on: thread)
            var counted = FuzzCounts()
            do {
                try run.run(number, &counted)
            } catch {
                failure.withLock { $0 = $0 ?? Failure(number: number, text: "\(error)") }
            }
            counts.withLock { $0 += counted }
        }
        work.withLock { $0[thread] = nil }
    }

    /// Ends the process if a document takes too long, and otherwise tells how far it is.
    private func look() {
        let now = ContinuousClock.now
        if let late = work.withLock({ $0.values.first { now - $0.since > Self.patience } }) {
            tell("error: document \(late.number) of seed \(run.seed) takes more than \(Self.patience)")
            keep(run.document(late.number), seed: run.seed, number: late.number, in: settings.folder)
            exit(1)
        }
        let done = UInt64(counts.withLock(\.documents))
        let tenth = done * 10 / max(1, settings.documents)
        let isDue = progress.withLock { progress in
            guard isatty(STDERR_FILENO) != 0 ? now - progress.time >= .seconds(5) : tenth > progress.tenth else {
                return false
            }
            progress = (now, tenth)
            return true
        }
        if isDue { tell("\(done) of \(settings.documents) documents, \(peakMegabytes()) MB") }
    }
}
