public import EventReader

/// What a live tail asks of the archive; `EventReader` answers it, and tests may.
public protocol LiveFeed: Sendable {
    /// Where a tail starts that wants only what comes from now on.
    func newestFeedPosition(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> FeedPosition

    /// What the feed knows of positions, in their order; at most 64 of them.
    func standing(
        of positions: [FeedPosition],
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [FeedPage.Standing]

    /// The events behind a position, in the order of commits.
    func feed(
        after position: FeedPosition,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> FeedPage
}

extension EventReader: LiveFeed {}
