import Foundation
import Postgres
import TestSupport
import Testing

@Suite struct TLSTests {
    @Test func theServersCertificateIsVerified() async throws {
        let folder = try TemporaryDirectory()
        try await Self.makeCertificates(in: folder)
        func file(_ name: String) throws -> String { try String(contentsOfFile: folder.file(name), encoding: .utf8) }
        let server = try await PostgresServer.start(
            settings: ["ssl": "on", "ssl_cert_file": "../server.crt", "ssl_key_file": "../server.key"],
            hostBasedAuthentication: "hostssl all all 127.0.0.1/32 trust\n",
            files: ["server.crt": file("server.crt"), "server.key": file("server.key")]
        )
        func connect(host: String, ca: String) async throws -> PostgresConnection {
            let connectionString =
                "host=\(host) hostaddr=127.0.0.1 port=\(server.port) user=postgres dbname=postgres "
                + "sslmode=verify-full sslrootcert=\(folder.file(ca))"
            return try await PostgresConnection.connect(.init(connectionString: connectionString), deadline: soon)
        }

        let connection = try await connect(host: "localhost", ca: "ca.crt")
        #expect(await connection.usesTLS)
        #expect(try await connection.rows("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").bool(0, 0))
        let text = String(repeating: "x", count: 1 << 20)
        var parameters = PostgresParameters()
        parameters.append(text)
        let echo = PostgresStatement("SELECT $1", parameterTypes: [.text])
        #expect(try await connection.query(echo, parameters, deadline: soon).text(0, 0) == text)
        try await connection.execute(withoutConnectionCheck, deadline: soon)
        let pid = try #require(await connection.backendPID)
        let late = await failure {
            try await connection.execute("SELECT pg_sleep(60)", deadline: .now + .milliseconds(50))
        }
        #expect(late?.kind == .deadlineExceeded)
        let observer = try await connect(host: "localhost", ca: "ca.crt")
        #expect(try await eventually { try await !observer.seesBackend(pid) })
        await observer.close()

        let wrongCA = await failure { _ = try await connect(host: "localhost", ca: "other.crt") }
        #expect(wrongCA?.kind == .connecting)
        #expect(wrongCA?.message.contains("certificate verify failed") == true)
        let wrongName = await failure { _ = try await connect(host: "elsewhere", ca: "ca.crt") }
        #expect(wrongName?.kind == .connecting)
        #expect(wrongName?.message.contains("elsewhere") == true)
        try await server.stop()
    }

    /// Two CAs, and a certificate of the first for `localhost`.
    private static func makeCertificates(in folder: TemporaryDirectory) async throws {
        for ca in ["ca", "other"] {
            try await openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=\(ca) "
                    + "-keyout \(ca).key -out \(ca).crt",
                in: folder
            )
        }
        try await openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost "
                + "-keyout server.key -out server.csr",
            in: folder
        )
        try folder.write("subjectAltName = DNS:localhost\n".utf8, to: "extensions")
        try await openssl(
            "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile extensions "
                + "-out server.crt",
            in: folder
        )
    }

    private static func openssl(_ arguments: String, in folder: TemporaryDirectory) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try #require(status == 0, "openssl \(arguments)")
    }
}
