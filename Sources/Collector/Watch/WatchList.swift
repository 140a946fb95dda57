internal import Coverage

/// What a list, page by page, tells about what was reached before it. Pure.
struct WatchList: Sendable, Equatable {
    /// Whether a watch can still go on from the version that was reached.
    enum Validity: Sendable, Equatable {
        case valid
        /// It was compacted (410).
        case expired
    }

    let validity: Validity
    /// What asks for the next page; nil for the first.
    var continueToken: String?
    /// How many events a page may have.
    var limit: Int
    /// The first page's version. All pages of a consistent list show one; were they not to, the first is the one that
    /// loses nothing.
    private(set) var version: String?
    /// When the first page was asked for: what had happened by then is in the list.
    private(set) var asked: WatchMoment?
    /// When the first page came.
    private(set) var arrived: WatchMoment?
    /// The greatest version of an item so far.
    private var newest: String?
    /// An item's version could not be compared.
    private var hasUnordered = false

    init(_ validity: Validity, limit: Int) {
        self.validity = validity
        self.limit = limit
    }

    /// The same from its first page on. The items that came stay known: one that has gone since did happen.
    func again(limit: Int) -> WatchList {
        var list = WatchList(validity, limit: limit)
        list.newest = newest
        list.hasUnordered = hasUnordered
        return list
    }

    /// A page has come.
    mutating func pageArrived(version: String, asked: WatchMoment, at now: WatchMoment) {
        self.version = self.version ?? version
        self.asked = self.asked ?? asked
        arrived = arrived ?? now
    }

    /// An item has come.
    ///
    /// - Returns: whether it may be news. While the watch can go on from what was reached, what is not newer was
    ///   brought: lists that only check would else fill the archive's queue with what it has, again and again.
    mutating func itemArrived(version: String?, known: WatchReach?) -> Bool {
        guard let version, ResourceVersion.isOlder(version, than: version) != nil else {
            hasUnordered = true
            return true
        }
        if newest.flatMap({ ResourceVersion.isOlder($0, than: version) }) ?? true { newest = version }
        guard let known, validity == .valid, !isOlder(than: known) else { return true }
        return ResourceVersion.isOlder(known.version, than: version) ?? true
    }

    /// Where to go on when all pages are here.
    ///
    /// - Parameters:
    ///   - known: what was reached before; nil if nothing was.
    ///   - lifetime: no event goes away sooner than this after it came.
    func conclusion(known: WatchReach?, trusting lifetime: Duration) -> WatchReach? {
        guard let version, let asked, let arrived else { return known }
        guard var known else { return WatchReach(version, asked: asked, arrived: arrived, cause: .first) }
        // The server knows less than it knew: its etcd is that of a backup.
        if isOlder(than: known) { return WatchReach(version, asked: asked, arrived: arrived, cause: .restored) }
        if !hasNews(since: known.version), known.isWithin(lifetime, at: asked) {
            known.cover(until: asked)
            known.advance(to: version, newestAt: asked.instant)
            return known
        }
        // A watch from there brings every state that the list left out.
        if validity == .valid { return known }
        return WatchReach(version, asked: asked, arrived: arrived, cause: .expired)
    }

    private func isOlder(than known: WatchReach) -> Bool {
        version.flatMap { ResourceVersion.isOlder($0, than: known.version) } ?? false
    }

    private func hasNews(since version: String) -> Bool {
        guard !hasUnordered else { return true }
        guard let newest else { return false }
        return ResourceVersion.isOlder(version, than: newest) ?? true
    }
}
