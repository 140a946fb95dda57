/// How much a collector is given to do, and for how long.
public struct LoadOptions: Sendable {
    /// How many observations the API server makes in a second: 500 is a big cluster that deploys everything anew.
    public var rate = 500
    /// For how many seconds.
    public var seconds = 60
    /// How many events there are at once; beyond that as many expire as come, and each costs a frame too.
    public var objects = 5000
    /// What the events are drawn from.
    public var seed: UInt64 = 1
    /// Where journal, logs and the spool go.
    public var folder: String

    /// The load of `make bench`.
    public init(folder: String) { self.folder = folder }
}
