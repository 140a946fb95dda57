// Damaged documents for everything that reads what an API server sends: `kee-fuzz FILE...` with recorded answers.
// Deterministic but for the seed, which is printed; see scripts/fuzz.sh for what can be set.
import Dispatch
import FuzzEngine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

guard let settings = FuzzSettings() else { exit(2) }
let recordings = CommandLine.arguments.dropFirst().compactMap(content(of:))
guard recordings.count == CommandLine.arguments.count - 1, let corpus = Corpus(recordings: recordings) else {
    tell("error: no recorded JSON to damage; give files with it.")
    exit(2)
}

let threads = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
tell("Reading \(settings.documents) damaged documents on \(threads) threads, seed \(settings.seed) ...")
Crash.watch()
let start = ContinuousClock.now
guard let counts = FuzzWorkers(FuzzRun(seed: settings.seed, corpus: corpus), settings).readAll(threads: threads) else {
    exit(1)
}
let seconds = (ContinuousClock.now - start) / .seconds(1)
let peak = peakMegabytes()
print(
    """
    \(counts.documents) documents, \(counts.accepted) events accepted, \(counts.rejected) rejected, \
    \(counts.frames) frames, \(Int(seconds.rounded())) s, at most \(peak) MB, seed \(settings.seed)
    """
)
if peak > settings.megabytes {
    tell("error: \(peak) MB were resident; more than \(settings.megabytes) MB must not be.")
    exit(1)
}
