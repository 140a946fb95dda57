import TestSupport
import Testing

@Suite("kee-collector replay", .fewAtOnce, .timeLimit(.minutes(5)))
struct ReplayProgramTests {
    private let folder: TemporaryDirectory
    private let database: String

    init() async throws {
        folder = try TemporaryDirectory()
        database = try await PostgresServer.shared().freshDatabase()
    }

    @Test func storesOnceAndCountsTheSecondTime() async throws {
        let count = try await Demo.lines().count
        #expect(count > 500)
        let first = try await replay([Demo.path], into: database)
        #expect(first.exit == .code(0), "\(first.errors)")
        #expect(first.output == "read=\(count) stored=\(count) duplicate=0 rejected=0\n")
        #expect(try await Database.events(in: database) == count)

        let second = try await replay([Demo.path], into: database)
        #expect(second.exit == .code(0))
        #expect(second.output == "read=\(count) stored=0 duplicate=\(count) rejected=0\n")
        #expect(try await Database.events(in: database) == count)
    }

    @Test func readsStandardInput() async throws {
        let run = try await replay(["-"], into: database, input: .bytes(MadeEvents.lines(1...20)))
        #expect(run.exit == .code(0), "\(run.errors)")
        #expect(run.output == "read=20 stored=20 duplicate=0 rejected=0\n")
    }

    @Test func aMissingFileDoesNotKeepTheOthersOut() async throws {
        let here = try folder.write(MadeEvents.lines(1...3), to: "here.json")
        let run = try await replay([folder.file("missing.json"), here], into: database)
        #expect(run.exit == .code(1))
        #expect(run.output == "read=3 stored=3 duplicate=0 rejected=0\n")
        #expect(run.errors.contains("missing.json"))
        #expect(try await Database.events(in: database) == 3)
    }

    @Test func aFileWithNothingButRefusedThingsFails() async throws {
        let file = try folder.write(#"{"kind":"Pod","metadata":{"name":"a"}} {"hello":"world"}"#.utf8, to: "pods.json")
        let run = try await replay([file], into: database)
        #expect(run.exit == .code(1))
        #expect(run.output == "read=2 stored=0 duplicate=0 rejected=2\n")
        for index in [0, 1] {
            let named = run.errorLines.filter { $0.contains("pods.json: item \(index): ") }
            #expect(named.count == 1, "\(run.errors)")
        }
        #expect(run.errors.contains("everything in it was rejected"))
    }

    @Test func anEmptyListIsFine() async throws {
        let file = try folder.write(
            #"{"kind":"EventList","apiVersion":"v1","metadata":{},"items":[]}"#.utf8,
            to: "empty.json"
        )
        let run = try await replay([file], into: database)
        #expect(run.exit == .code(0), "\(run.errors)")
        #expect(run.output == "read=0 stored=0 duplicate=0 rejected=0\n")
    }

    @Test func theBadAmongTheGoodAreNamed() async throws {
        let bad = #"{"kind":"Pod","metadata":{"name":"no-event"}}"#
        let text = [MadeEvents.line(1), bad, MadeEvents.line(2), "{\"kind\":", MadeEvents.line(3)]
        let file = try folder.write(text.joined(separator: "\n").utf8, to: "mixed.json")
        let run = try await replay([file], into: database)
        #expect(run.exit == .code(0), "\(run.errors)")
        #expect(run.output == "read=5 stored=3 duplicate=0 rejected=2\n")
        for index in [1, 3] { #expect(run.errors.contains("mixed.json: item \(index): "), "\(run.errors)") }
        #expect(try await Database.number("SELECT count(*) FROM kee.rejected_event", in: database) == 2)
    }

    @Test func aWrongPasswordIsToldAtOnceAndNotRepeated() async throws {
        let server = try await PostgresServer.start(
            hostBasedAuthentication: "host all all 127.0.0.1/32 scram-sha-256\n"
        )
        let secret = "c0rrect-horse"
        let url = "host=127.0.0.1 port=\(server.port) user=postgres password=\(secret) dbname=postgres"
        let file = try folder.write(MadeEvents.lines(1...3), to: "a.json")
        let run = try await replay([file], into: url)
        try await server.stop(.immediate)
        #expect(run.exit == .code(1))
        #expect(run.output == "")
        #expect(run.errorLines.count == 1, "\(run.errors)")
        #expect(run.errors.hasPrefix("kee-collector: "))
        #expect(run.errors.contains("password authentication failed"))
        #expect(!run.errors.contains(secret))
    }

    @Test(arguments: [
        ["replay", "--cluster", "a"], ["replay", "--no-such-flag"], ["nonsense"],
        ["replay", "--cluster", "a b", "--database-url", "host=/x", "f"],
        ["replay", "--cluster", "a", "--database-url", "host=/x"],
    ])
    func wrongUsageIs64(_ arguments: [String]) async throws {
        let run = try await ProgramRun.finished("kee-collector", arguments)
        #expect(run.exit == .code(64), "\(run.errors)")
        #expect(run.errors.hasPrefix("kee-collector: "))
        #expect(run.output == "")
    }

    @Test(arguments: ["kee-collector", "kee-query"])
    func tellsOfItself(_ program: String) async throws {
        let version = try await ProgramRun.finished(program, ["--version"])
        #expect(version.exit == .code(0))
        #expect(version.output.contains(/^\d+\.\d+\.\d+\n$/))
        let help = try await ProgramRun.finished(program, ["--help"])
        #expect(help.exit == .code(0))
        #expect(help.output.contains("USAGE: \(program)"))
        #expect(help.errors == "")
    }
}
