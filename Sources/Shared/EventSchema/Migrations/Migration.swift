/// One step of the schema, applied in a transaction of its own and never changed after a release.
///
/// Steps first expand (add what newer programs want, keep what older ones use) and only in a later release contract:
/// one upgraded collector must not stop the others.
struct Migration: Sendable {
    /// The version of the schema after this step; from 1, without gaps.
    let version: Int32
    /// The oldest program, by the newest version that it knows, that still works with the schema after this step.
    let oldestProgram: Int32
    let sql: String

    /// All steps in order.
    static let all: [Migration] = [.firstTables, .coverage, .feed, .rollup, .owners]

    /// The newest version that this program knows.
    static let newest: Int32 = all.last?.version ?? 0
}
