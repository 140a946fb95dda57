import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite struct ConnectingTests {
    private func connect(_ connectionString: String, timeout: Duration = .seconds(5)) async throws -> PostgresConnection
    {
        try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: connectionString, connectTimeout: timeout),
            deadline: soon
        )
    }

    @Test func aRefusedConnectionIsWorthAnotherTry() async throws {
        let port = try LocalPort(.refusing)
        let error = await failure { _ = try await connect("postgresql://kee@127.0.0.1:\(port.number)/kee") }
        #expect(error?.kind == .connecting)
        #expect(error?.sqlState == nil)
        #expect(error?.isTransient == true)
        #expect(error?.isSafeToRetry == true)
        #expect(error?.message.contains("Connection refused") == true)
    }

    @Test func aSilentServerIsLeftAtTheDeadline() async throws {
        let port = try LocalPort(.silent)
        let configuration = PostgresConfiguration(
            connectionString: "host=127.0.0.1 port=\(port.number) sslmode=disable"
        )
        let error = await failure {
            _ = try await PostgresConnection.connect(configuration, deadline: .now + .milliseconds(100))
        }
        #expect(error?.kind == .deadlineExceeded)
        let task = Task { await failure { _ = try await PostgresConnection.connect(configuration, deadline: soon) } }
        task.cancel()
        #expect(await task.value?.kind == .cancelled)
    }

    @Test(arguments: [LocalPort.Behaviour.refusing, .silent])
    func theNextHostIsTriedAfterADeadOne(behaviour: LocalPort.Behaviour) async throws {
        let server = try await PostgresServer.shared()
        let dead = try LocalPort(behaviour)
        let connection = try await connect(
            "postgresql://postgres@127.0.0.1:\(dead.number),127.0.0.1:\(server.port)/postgres"
                + "?target_session_attrs=read-write&sslmode=disable",
            timeout: .seconds(2)
        )
        #expect(try await connection.rows("SHOW port").text(0, 0) == "\(server.port)")
        await connection.close()
    }

    @Test func aReadOnlyHostIsPassedOver() async throws {
        let server = try await PostgresServer.shared()
        let readOnly = try await PostgresServer.start(settings: ["default_transaction_read_only": "on"])
        let hosts = "host=127.0.0.1,127.0.0.1 port=\(readOnly.port),\(server.port) user=postgres sslmode=disable"
        let any = try await connect(hosts)
        #expect(try await any.rows("SHOW port").text(0, 0) == "\(readOnly.port)")
        await any.close()
        let writable = try await connect(hosts + " target_session_attrs=read-write")
        #expect(try await writable.rows("SHOW port").text(0, 0) == "\(server.port)")
        // The backend of the right server is cancelled, too.
        try await writable.execute(withoutConnectionCheck, deadline: soon)
        let pid = try #require(await writable.backendPID)
        try? await writable.execute("SELECT pg_sleep(60)", deadline: .now + .milliseconds(50))
        let isGone = try await server.withAdministration { administration in
            try await eventually { try await !administration.seesBackend(pid) }
        }
        #expect(isGone)
        try await readOnly.stop()
    }

    @Test func severalHostsAreAttemptsOfTheirOwn() {
        func hosts(_ connectionString: String) -> [String] {
            (LibpqConnection.parse(connectionString).parameters ?? []).splitByHost().map { parameters in
                ["host", "hostaddr", "port", "target_session_attrs"].compactMap { parameters[$0] }
                    .joined(separator: " ")
            }
        }
        #expect(hosts("host=a,b port=1,2 dbname=x") == ["a 1", "b 2"])
        #expect(hosts("host=a,b port=1") == ["a 1", "b 1"])
        #expect(hosts("host=a,b hostaddr=127.0.0.1,127.0.0.2") == ["a 127.0.0.1", "b 127.0.0.2"])
        #expect(hosts("host=a,b port=1,2,3") == ["a,b 1,2,3"])
        #expect(hosts("postgresql://a:1,b:2/x?target_session_attrs=standby") == ["a 1 standby", "b 2 standby"])
        #expect(
            hosts("host=a,b target_session_attrs=prefer-standby") == ["a standby", "b standby", "a any", "b any"]
        )
        #expect(hosts("dbname=x") == [""])
    }

    @Test func theSessionIsSetUp() async throws {
        let database = try await freshDatabase()
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(
                connectionString: database,
                applicationName: "kee tests",
                sessionSetup: ["SET plan_cache_mode = force_generic_plan", "SET statement_timeout = '7s'"]
            ),
            deadline: soon
        )
        #expect(try await connection.rows("SHOW plan_cache_mode").text(0, 0) == "force_generic_plan")
        #expect(try await connection.rows("SHOW statement_timeout").text(0, 0) == "7s")
        #expect(try await connection.rows("SHOW application_name").text(0, 0) == "kee tests")
        #expect(try await connection.rows("SHOW client_encoding").text(0, 0) == "UTF8")
        #expect(try await connection.rows("SHOW client_connection_check_interval").text(0, 0) == "5s")
        await connection.close()

        let error = await failure {
            _ = try await PostgresConnection.connect(
                PostgresConfiguration(connectionString: database, sessionSetup: ["SET nonsense = 1"]),
                deadline: soon
            )
        }
        #expect(error?.kind == .connecting)
        #expect(error?.sqlState == "42704")
        #expect(error?.isTransient == false)
    }

    @Test func aPasswordIsNeverShown() async throws {
        let server = try await PostgresServer.start(
            hostBasedAuthentication: "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )
        let local = try await connect("host=\(server.folder) port=\(server.port) user=postgres")
        try await local.execute("CREATE ROLE reader LOGIN PASSWORD 'right-horse'", deadline: soon)
        await local.close()
        func configuration(_ password: String) -> PostgresConfiguration {
            PostgresConfiguration(
                connectionString: "postgresql://reader:\(password)@127.0.0.1:\(server.port)/postgres?sslmode=disable"
            )
        }

        let connection = try await PostgresConnection.connect(configuration("right-horse"), deadline: soon)
        // The second connection for the cancel needs the password as well.
        try await connection.execute(withoutConnectionCheck, deadline: soon)
        let pid = try #require(await connection.backendPID)
        try? await connection.execute("SELECT pg_sleep(60)", deadline: .now + .milliseconds(50))
        let observer = try await PostgresConnection.connect(configuration("right-horse"), deadline: soon)
        #expect(try await eventually { try await !observer.seesBackend(pid) })
        await observer.close()

        let error = try #require(
            await failure { _ = try await PostgresConnection.connect(configuration("wrong-horse"), deadline: soon) }
        )
        #expect(error.kind == .connecting)
        #expect(error.sqlState == "28P01")
        #expect(!error.isTransient)
        #expect(!"\(error)".contains("horse"))
        #expect("\(error)".contains("reader"))
        #expect(!"\(error)".contains("LOCATION"))

        let shown = configuration("wrong-horse")
        var dumped = ""
        dump(shown, to: &dumped)
        for text in ["\(shown)", String(reflecting: shown), dumped] { #expect(!text.contains("horse")) }
        #expect("\(shown)" == "PostgreSQL host=127.0.0.1 port=\(server.port) dbname=postgres user=reader")
        try await server.stop()
    }

    @Test(arguments: [
        "password=first horse", "postgresql://u:my@horse@h:1/x", "postgresql://u:my@horse@h:1/x?connect_timeout=x",
        "host=h password='horse", "nonsense",
        "postgresql://u:p@h/x?horse=1", "host=h keepalives=horse", "host=h sslmode=horse",
    ])
    func aWrongConnectionStringIsNotRepeated(connectionString: String) async throws {
        let configuration = PostgresConfiguration(connectionString: connectionString)
        let error = try #require(
            await failure { _ = try await PostgresConnection.connect(configuration, deadline: soon) }
        )
        #expect(!"\(error)".contains("horse"), "\(error)")
        #expect(error.isSafeToRetry)
    }

    @Test func theFormOfAConnectionStringIsCheckedWithoutConnecting() {
        #expect(throws: Never.self) { try PostgresConfiguration(connectionString: "host=nowhere").validate() }
        for wrong in ["nowhere", "port=5432x", "postgresql://a,b:0/c", "port=65536", "host=a,b port=1,-2"] {
            #expect(throws: PostgresError.self) { try PostgresConfiguration(connectionString: wrong).validate() }
        }
        for fine in ["port=5432", "host=a,b port=1,", "postgresql://a:1,b:2/c", "port=' 5432 '"] {
            #expect(throws: Never.self) { try PostgresConfiguration(connectionString: fine).validate() }
        }
    }
}
