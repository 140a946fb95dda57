import TestSupport

/// Something that goes wrong, with all that is drawn by lot about it. `docs/chaos.md` tells what each stands for.
public enum ChaosFault: Sendable, Equatable {
    /// SIGKILL, and a new start.
    case killCollector(Int, away: Duration)
    /// SIGTERM, as a rollout does, and a new start.
    case restartCollector(Int, away: Duration)
    /// SIGSTOP and SIGCONT.
    case freezeCollector(Int, for: Duration)
    /// An immediate shutdown, and a new start with recovery.
    case killDatabase(away: Duration)
    /// SIGSTOP and SIGCONT of all its processes.
    case freezeDatabase(for: Duration)
    /// No room for the spool, while the database is away too.
    case fillSpool(for: Duration)
    /// SIGKILL, and a new start.
    case killAPIServer(away: Duration)
    /// SIGSTOP and SIGCONT.
    case freezeAPIServer(for: Duration)
    /// The connections of all watches break off, in the middle of a line.
    case cutWatches
    /// All watches end cleanly.
    case endWatches
    /// What is connected hears nothing more, and is not closed.
    case halfOpen
    /// Watches are cut and cannot come back until what they missed is compacted.
    case compact(away: Duration, isSilent: Bool)
    /// Another token is accepted, and the old one no longer; the file has the new one before or after that.
    case rotateToken(fileFirst: Bool, between: Duration)
    /// Requests are refused with a status, or by closing the connection.
    case refuse(Refusal, count: Int)
    /// etcd goes back to a backup that is so old.
    case restore(age: Duration, isBumped: Bool)

    /// How requests are refused: the values are those of the fake server's control.
    public enum Refusal: String, Sendable, CaseIterable {
        case forbidden = "403"
        case tooManyRequests = "429"
        case unavailable = "503"
        case gatewayTimeout = "504"
        case closed = "close"
    }

    /// Which part a fault befalls. Faults of one part come one after the other, those of several at the same time.
    enum Part: Sendable, Hashable {
        case apiServer
        case database
        case collector(Int)
    }

    var part: Part {
        switch self {
        case .killCollector(let number, _), .restartCollector(let number, _), .freezeCollector(let number, _):
            .collector(number)
        case .killDatabase, .freezeDatabase, .fillSpool: .database
        case .killAPIServer, .freezeAPIServer, .cutWatches, .endWatches, .halfOpen, .compact, .rotateToken, .refuse,
            .restore:
            .apiServer
        }
    }
}

extension ChaosFault {
    /// A fault without its numbers. The raw values are those of the summary.
    public enum Kind: String, Sendable, CaseIterable {
        case killCollector = "kill-collector"
        case restartCollector = "restart-collector"
        case freezeCollector = "freeze-collector"
        case killDatabase = "kill-database"
        case freezeDatabase = "freeze-database"
        case fillSpool = "fill-spool"
        case killAPIServer = "kill-apiserver"
        case freezeAPIServer = "freeze-apiserver"
        case cutWatches = "cut"
        case endWatches = "end"
        case halfOpen = "half-open"
        case compact = "compact"
        case rotateToken = "rotate-token"
        case refuse = "refuse"
        case restore = "restore"

        /// How many of each there are in a deck.
        private var share: Int {
            switch self {
            case .killCollector: 5
            case .killDatabase, .killAPIServer: 3
            case .compact,
                .restartCollector, .freezeCollector, .freezeDatabase, .freezeAPIServer, .cutWatches, .halfOpen,
                .refuse,
                .fillSpool:
                2
            case .endWatches, .rotateToken, .restore: 1
            }
        }

        static let deck = allCases.flatMap { Array(repeating: $0, count: $0.share) }
    }

    /// Without its numbers.
    public var kind: Kind {
        switch self {
        case .killCollector: .killCollector
        case .restartCollector: .restartCollector
        case .freezeCollector: .freezeCollector
        case .killDatabase: .killDatabase
        case .freezeDatabase: .freezeDatabase
        case .fillSpool: .fillSpool
        case .killAPIServer: .killAPIServer
        case .freezeAPIServer: .freezeAPIServer
        case .cutWatches: .cutWatches
        case .endWatches: .endWatches
        case .halfOpen: .halfOpen
        case .compact: .compact
        case .rotateToken: .rotateToken
        case .refuse: .refuse
        case .restore: .restore
        }
    }

    /// Draws the numbers of a fault.
    init(_ kind: Kind, collectors: Int, using random: inout SplitMix64) {
        func milliseconds(_ range: ClosedRange<Int>, _ random: inout SplitMix64) -> Duration {
            .milliseconds(Int.random(in: range, using: &random))
        }
        let collector = Int.random(in: 1...max(collectors, 1), using: &random)
        self =
            switch kind {
            case .killCollector: .killCollector(collector, away: milliseconds(50...2000, &random))
            case .restartCollector: .restartCollector(collector, away: milliseconds(50...1000, &random))
            case .freezeCollector: .freezeCollector(collector, for: milliseconds(500...5000, &random))
            case .killDatabase: .killDatabase(away: milliseconds(200...4000, &random))
            case .freezeDatabase: .freezeDatabase(for: milliseconds(500...5000, &random))
            case .fillSpool: .fillSpool(for: milliseconds(1000...5000, &random))
            case .killAPIServer: .killAPIServer(away: milliseconds(50...2000, &random))
            case .freezeAPIServer: .freezeAPIServer(for: milliseconds(500...5000, &random))
            case .cutWatches: .cutWatches
            case .endWatches: .endWatches
            case .halfOpen: .halfOpen
            case .compact:
                .compact(away: milliseconds(100...3000, &random), isSilent: Int.random(in: 0..<4, using: &random) == 0)
            case .rotateToken:
                .rotateToken(fileFirst: Bool.random(using: &random), between: milliseconds(0...1000, &random))
            case .refuse:
                .refuse(Refusal.allCases.randomElement(using: &random)!, count: Int.random(in: 1...8, using: &random))
            case .restore: .restore(age: milliseconds(2000...4000, &random), isBumped: Bool.random(using: &random))
            }
    }
}

extension ChaosFault: CustomStringConvertible {
    /// In words.
    public var description: String {
        switch self {
        case .killCollector(let number, let away): "kill -9 of collector \(number), back after \(away)"
        case .restartCollector(let number, let away): "SIGTERM to collector \(number), back after \(away)"
        case .freezeCollector(let number, let duration): "collector \(number) frozen for \(duration)"
        case .killDatabase(let away): "PostgreSQL stopped dead, back after \(away)"
        case .freezeDatabase(let duration): "PostgreSQL frozen for \(duration)"
        case .fillSpool(let duration): "no room for the spool and PostgreSQL away for \(duration)"
        case .killAPIServer(let away): "kill -9 of the API server, back after \(away)"
        case .freezeAPIServer(let duration): "API server frozen for \(duration)"
        case .cutWatches: "watches cut"
        case .endWatches: "watches ended"
        case .halfOpen: "connections half-open"
        case .compact(let away, let isSilent):
            "watches away for \(away), then compacted" + (isSilent ? ", told by an empty end" : "")
        case .rotateToken(let fileFirst, let between):
            "token rotated, the \(fileFirst ? "file" : "server") \(between) ahead"
        case .refuse(let refusal, let count): "\(count) requests refused: \(refusal.rawValue)"
        case .restore(let age, let isBumped):
            "etcd restored from a backup of \(age) ago" + (isBumped ? ", revisions bumped" : "")
        }
    }
}
