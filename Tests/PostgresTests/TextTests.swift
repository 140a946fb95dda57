import Testing

@testable import Postgres

/// What is shown of SQL and of libpq's texts.
@Suite struct TextTests {
    @Test func anExcerptHasNoLiterals() {
        #expect(excerpt(of: "SELECT  1,\n\t2") == "SELECT 1, 2")
        #expect(excerpt(of: "ALTER ROLE r PASSWORD 'it''s'") == "ALTER ROLE r PASSWORD '...''...'")
        #expect(excerpt(of: "DO $body$ secret $body$").hasPrefix("DO $body$"))
        #expect(excerpt(of: "DO $$ secret $$") == "DO $$...")
        #expect(excerpt(of: String(repeating: "x", count: 500)).count == 103)
    }

    @Test func theSQLStateOfAFailedConnectIsInItsText() {
        let text = """
            connection to server at "127.0.0.1", port 5432 failed: FATAL:  28P01: password authentication failed
            LOCATION:  auth_failed, auth.c:338

            """
        let (message, sqlState) = Connector.split(connectError: text)
        #expect(sqlState == "28P01")
        #expect(
            message == #"connection to server at "127.0.0.1", port 5432 failed: FATAL: password authentication failed"#
        )
        let refused = "connection to server at \"::1\", port 5432 failed: Connection refused\n\tIs the server running?"
        #expect(Connector.split(connectError: refused).sqlState == nil)
    }

    @Test func quotedPartsAreTakenOut() {
        #expect(#"missing "=" after "horse" in it"#.withoutQuotedParts == #"missing "..." after "..." in it"#)
        #expect(#"open "end"#.withoutQuotedParts == #"open "...""#)
    }
}
