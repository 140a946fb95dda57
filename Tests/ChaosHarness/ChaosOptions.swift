/// What a run is like.
public struct ChaosOptions: Sendable {
    /// How many faults.
    public var faults: Int
    /// How often events are created or seen again.
    public var events: Int
    /// What the plan and the events are drawn from.
    public var seed: UInt64
    /// How many collectors watch the same cluster: 1 or 2.
    public var collectors = 1
    /// The mean time between two faults.
    public var spacing = Duration.seconds(2)
    /// Where journal, logs and spools go; kept when the run fails.
    public var folder: String
    /// Whether each spool is on a small file system of its own that can be filled; needs root. Else the spool's own
    /// bound is small.
    public var mountsSpools = false
    /// How long the archive may take to catch up once all faults are over.
    public var patience = Duration.seconds(120)

    /// Options from their parts.
    public init(faults: Int, events: Int, seed: UInt64, folder: String) {
        (self.faults, self.events, self.seed, self.folder) = (faults, events, seed, folder)
    }

    /// Under which name the cluster is archived.
    static let cluster = "chaos"
}
