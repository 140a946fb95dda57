import EventSchema

/// Uids about which nothing is to be done for a while. At the bound those that were met longest ago are forgotten: the
/// archive is asked for them at their next event, and the API server only if it does not know them either.
///
/// Two halves in place of a list through all entries: a half that is full becomes the old one, and the old one is
/// forgotten, so that the bound holds and everything met within the last half of it is remembered.
struct SettledObjects {
    private let halfLimit: Int
    private var young: [UUIDBits: ContinuousClock.Instant] = [:]
    private var old: [UUIDBits: ContinuousClock.Instant] = [:]

    init(limit: Int) {
        halfLimit = max(1, limit / 2)
    }

    var count: Int { young.count + old.count }

    mutating func contains(_ uid: UUIDBits, at now: ContinuousClock.Instant) -> Bool {
        if let end = young[uid] { return now < end }
        guard let end = old.removeValue(forKey: uid), now < end else { return false }
        insert(uid, until: end)
        return true
    }

    mutating func insert(_ uid: UUIDBits, until end: ContinuousClock.Instant) {
        old[uid] = nil
        young[uid] = end
        if young.count >= halfLimit {
            old = young
            young = [:]
        }
    }
}
