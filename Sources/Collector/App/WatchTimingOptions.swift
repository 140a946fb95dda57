import ArgumentParser
import Settings
import Watch

/// The durations of a watch. Each default is what production wants; tests shorten them.
struct WatchTimingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("After how much silence a watch is checked by a second one.", valueName: "duration"),
        transform: DurationText.duration(parsing:)
    )
    var watchSilence = WatchOptions().silence

    @Option(
        help: ArgumentHelp(
            "After how long the server is asked to end a watch; up to twice as long, drawn for each.",
            valueName: "duration"
        ),
        transform: DurationText.duration(parsing:)
    )
    var watchTimeout = Duration.seconds(WatchOptions().watchSeconds.lowerBound)

    @Option(
        help: ArgumentHelp(
            "How old the version of a quiet watch may become before a list fetches a new one; less than the time that"
                + " etcd keeps old versions.",
            valueName: "duration"
        ),
        transform: DurationText.duration(parsing:)
    )
    var versionRefresh = WatchOptions().versionRefresh

    @Option(
        help: ArgumentHelp("The shortest wait after a failed request.", valueName: "duration"),
        transform: DurationText.duration(parsing:)
    )
    var backoffFirst = WatchOptions().firstBackoff

    @Option(
        help: ArgumentHelp("The longest wait after failed requests.", valueName: "duration"),
        transform: DurationText.duration(parsing:)
    )
    var backoffLongest = WatchOptions().longestBackoff

    func validate() throws {
        for (name, duration) in [
            ("watch-silence", watchSilence), ("version-refresh", versionRefresh), ("backoff-first", backoffFirst),
            ("backoff-longest", backoffLongest),
        ] where duration <= .zero {
            throw ValidationError("--\(name) must be longer than 0s")
        }
        guard watchTimeout >= .seconds(1) else { throw ValidationError("--watch-timeout must be at least 1s") }
    }

    var options: WatchOptions {
        var options = WatchOptions()
        options.silence = watchSilence
        options.versionRefresh = versionRefresh
        options.firstBackoff = backoffFirst
        options.longestBackoff = backoffLongest
        let seconds = Int(watchTimeout.components.seconds)
        options.watchSeconds = seconds...(2 * seconds)
        return options
    }
}
