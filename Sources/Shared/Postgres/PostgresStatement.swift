/// The text of one SQL statement, prepared on each connection at its first use there.
///
/// Make it once and keep it: it carries its hash, so that finding the prepared statement costs no look at the text.
/// Results are always binary.
public struct PostgresStatement: Sendable, Hashable {
    private final class Content: Sendable {
        let sql: String
        let parameterTypes: [PostgresType]
        let hash: Int

        init(sql: String, parameterTypes: [PostgresType]) {
            self.sql = sql
            self.parameterTypes = parameterTypes
            var hasher = Hasher()
            hasher.combine(sql)
            hasher.combine(parameterTypes)
            hash = hasher.finalize()
        }
    }

    private let content: Content

    /// - Parameters:
    ///   - sql: one statement with `$1`, `$2` and so on in it.
    ///   - parameterTypes: the types of the first parameters; the server infers the rest.
    public init(_ sql: String, parameterTypes: [PostgresType] = []) {
        content = Content(sql: sql, parameterTypes: parameterTypes)
    }

    /// The SQL as given.
    public var sql: String { content.sql }
    /// The types as given.
    public var parameterTypes: [PostgresType] { content.parameterTypes }

    /// The same text with the same types.
    public static func == (left: Self, right: Self) -> Bool {
        left.content === right.content
            || (left.content.hash == right.content.hash && left.sql == right.sql
                && left.parameterTypes == right.parameterTypes)
    }

    /// Feeds the hash that was computed once.
    public func hash(into hasher: inout Hasher) { hasher.combine(content.hash) }
}
