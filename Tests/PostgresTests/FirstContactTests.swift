import Postgres
import TestSupport
import Testing

@Suite struct FirstContact {
    @Test func answers() async throws {
        let server = try await PostgresServer.shared()
        let database = try await server.freshDatabase()
        let c = try await PostgresConnection.connect(.init(connectionString: database), deadline: .now + .seconds(5))
        let r = try await c.query(PostgresStatement("SELECT 42, 'ä'"), deadline: .now + .seconds(5))
        #expect(r.int32(0, 0) == 42)
        #expect(r.text(0, 1) == "ä")
        await c.close()
    }
}
