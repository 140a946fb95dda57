/// A place in what an API server tells about the events of one namespace, or of all: everything up to it was brought.
public struct WatchPosition: Sendable, Hashable {
    /// A watch from this version brings everything that was not brought yet.
    public var resourceVersion: String
    /// The stretch without a gap that reaches up to here.
    public var stretch: CoverageStretch

    /// A position from its parts.
    public init(resourceVersion: String, stretch: CoverageStretch) {
        self.resourceVersion = resourceVersion
        self.stretch = stretch
    }

    /// Whether to go on from here rather than from the other, both of them being true.
    ///
    /// By time first, since versions start over with an etcd that was restored; by version too, so that a clock that was
    /// set back does not hold a position up. The rule stands again in SQL in `EventWriter`.
    public func supersedes(_ other: WatchPosition) -> Bool {
        if stretch.until > other.stretch.until { return true }
        return ResourceVersion.isOlder(other.resourceVersion, than: resourceVersion) ?? false
    }
}
