extension Migration {
    /// Version 5: which object owns which, as the API server told when their events were written.
    static let owners = Migration(
        version: 5,
        oldestProgram: 1,
        sql: """
            SELECT 1;
            """
    )
}
