/// The oldest records of a spool, in the order in which they were appended. To be given back with `acknowledge` when
/// they are in the database.
public struct SpoolBatch: Sendable, Equatable {
    /// At least one.
    public let records: [SpoolRecord]
    let end: SpoolIndex.Place
}
