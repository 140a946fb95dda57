import EventReader
import Logging
import TestSupport
import Testing

@testable import Access

@Suite("Tokens of a file")
struct TokenFileTests {
    private func parsed(_ text: String) throws(AccessFileError) -> TokenFile {
        try TokenFile(parsing: Array(text.utf8), path: "/etc/kee/tokens")
    }

    private let hash = "sha256:" + String(repeating: "0a", count: 32)

    @Test func aNewTokenIsKnownByItsLineAndNoOtherIs() throws {
        let made = try NewToken(name: "grafana", grants: ["prod", "dev/shop"])
        #expect(made.token.hasPrefix("kee_") && made.token.utf8.count == 47)
        #expect(!made.line.contains(made.token))
        let file = try parsed("# who may read\n\n\(made.line) # until the end of the year\n")
        let entry = try #require(file[BearerToken(made.token).digest])
        #expect(entry.name == "grafana")
        #expect(entry.grants.visibility == .only(["prod": .all, "dev": .only(["shop"])]))
        #expect(file[BearerToken(made.token + "x").digest] == nil)
        #expect(try NewToken(name: "grafana", grants: ["*"]).token != made.token)
    }

    @Test(
        arguments: [
            ("name", 1, "a line is too short"),
            ("\n\nname secret-in-the-clear prod", 3, "what stands behind the name is no sha256"),
            ("name sha256:12 prod", 1, "what stands behind the name is no sha256"),
            ("name sha256:" + String(repeating: "zz", count: 32) + " prod", 1, "what stands behind the name"),
            ("name HASH", 1, "'name' is granted nothing"),
            ("name HASH prod//shop", 1, "'prod//shop' is no grant"),
            ("name HASH prod/*", 1, "'prod/*' is no grant"),
            ("name HASH prod*", 1, "'prod*' is no grant"),
            ("name HASH */shop", 1, "'*/shop' is no grant"),
            ("a HASH prod\nb HASH dev", 2, "the token of 'b' is another one's"),
        ]
    )
    func aBadLineIsNamedAndNotRepeated(text: String, line: Int, problem: String) throws {
        let error = #expect(throws: AccessFileError.self) {
            try parsed(text.split(separator: "HASH", omittingEmptySubsequences: false).joined(separator: hash))
        }
        #expect(error?.line == line)
        #expect(error?.problem.hasPrefix(problem) == true, "\(String(describing: error))")
        #expect(error?.description.hasPrefix("/etc/kee/tokens:\(line): ") == true)
        #expect(error?.description.contains("secret-in-the-clear") == false)
        #expect(error?.description.contains("0a0a") == false)
    }

    @Test func aChangeIsTakenUpAndAMistakeIsNot() async throws {
        let folder = try TemporaryDirectory()
        let (first, second) = (try NewToken(name: "a", grants: ["*"]), try NewToken(name: "b", grants: ["prod"]))
        let path = try folder.write(first.line.utf8, to: "tokens")
        let file = try await WatchedFile(path: path, logger: Logger(label: "test")) { bytes throws(AccessFileError) in
            try TokenFile(parsing: bytes, path: path)
        }
        #expect(file.value.entries.map(\.name) == ["a"])
        try folder.write("nonsense".utf8, to: "tokens")
        await file.look()
        #expect(file.value.entries.map(\.name) == ["a"], "the version before stays")
        try folder.write("\(first.line)\n\(second.line)\n".utf8, to: "tokens")
        await file.look()
        #expect(file.value.entries.map(\.name) == ["a", "b"])
        try folder.write("# none\n".utf8, to: "tokens")
        await file.look()
        #expect(file.value.entries.isEmpty, "rights are taken away by a new version, too")
    }

    @Test(arguments: [
        nil, "", "Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "Bearer a b", "Bearer a,Bearer b", "Bearer ü",
    ])
    func whatIsNoBearerTokenIsRefused(field: String?) throws {
        let error = #expect(throws: AccessError.self) { try BearerToken(authorization: field) }
        guard case .unauthenticated(let challenge, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let isToken = field?.hasPrefix("Bearer") ?? false
        #expect(challenge == "Bearer realm=\"kee\"" + (isToken ? ", error=\"invalid_token\"" : ""))
    }

    @Test func whoeverIsLetInLosesTheirRightsWithTheLineOfTheFile() async throws {
        let folder = try TemporaryDirectory()
        let made = try NewToken(name: "a", grants: ["prod"])
        let path = try folder.write(made.line.utf8, to: "tokens")
        let file = try await WatchedFile(path: path, logger: Logger(label: "test")) { bytes throws(AccessFileError) in
            try TokenFile(parsing: bytes, path: path)
        }
        let viewer = try await AccessControl([TokenAuthenticator(file: file)]).viewer(made.token)
        #expect(viewer.name == "token:a" && viewer.mode == .token)
        #expect(try await viewer.visibility(in: .everything, deadline: .soon) == .only(["prod": .all]))
        try folder.write(made.line.replacing(" prod", with: " dev/shop").utf8, to: "tokens")
        await file.look()
        #expect(try await viewer.visibility(in: .everything, deadline: .soon) == .only(["dev": .only(["shop"])]))
        try folder.write("".utf8, to: "tokens")
        await file.look()
        await #expect(throws: AccessError.invalidToken()) {
            try await viewer.visibility(in: .everything, deadline: .soon)
        }
    }

    @Test func aTokenIsNeverPrinted() throws {
        let token = try BearerToken(authorization: "bearer  hunter2")
        #expect(token.text == "hunter2")
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!dumped.contains("hunter2") && !"\(token)".contains("hunter2"))
    }
}
