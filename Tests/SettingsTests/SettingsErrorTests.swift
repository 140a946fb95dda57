import Foundation
import Testing

@testable import Settings

@Suite struct SettingsErrorTests {
    let good = ["KEE_DATABASE_URL": "host=db", "KEE_CLUSTER": "c"]

    @Test(arguments: [
        ("kee:\n  databse-url: x\n", "f:2: unknown key 'databse-url' under 'kee:': did you mean 'database-url'?"),
        ("a: 1\nkee:\n\n  nameSpace: x\n", "f:4: unknown key 'nameSpace' under 'kee:': did you mean 'namespace'?"),
        (
            "kee:\n  qqqqqqqqq: x\n",
            "f:2: unknown key 'qqqqqqqqq' under 'kee:'; keys are the names of this program's options"
        ),
        ("kee:\n  cluster: [a]\n", "f:2: cluster: give one value, not a list"),
        ("kee:\n  cluster: {a: b}\n", "f:2: cluster: give a value, not keys with values"),
        ("kee:\n  namespace: [{a: b}]\n", "f:2: namespace: give a list of plain values"),
        ("kee:\n  noMigrate: maybe\n", "f:2: noMigrate: 'maybe' is neither true nor false"),
        ("kee:\n  noMigrate: [true]\n", "f:2: noMigrate: give one value, not a list"),
        (
            "kee:\n  retention-months: 1\n  retentionMonths: 2\n",
            "f:3: 'retentionMonths' is given already at line 2 as 'retention-months'"
        ),
        ("kee:\n  config: x\n", "f:2: 'config' cannot stand in the file that it names"),
        ("kee: [a]\n", "f:1: 'kee:' must hold keys with values, such as 'listen: 127.0.0.1:8080'"),
        ("- a\n", "f:1: the file must hold keys with values, such as 'kee:'"),
        (
            "kee:\n  database-url: a\n  database-url-file: b\n",
            "f:2: database-url and f:3: database-url-file are both given: give one"
        ),
    ])
    func aFileIsWrongWithItsPlace(text: String, message: String) async {
        var environment = good
        if text.contains("database-url:") { environment["KEE_DATABASE_URL"] = nil }
        environment["KEE_CLUSTER"] = text.contains("cluster") ? nil : "c"
        let outcome = await sample("--config", "f", environment: environment, files: ["f": text])
        #expect(outcome.error == "sample: \(message)\n")
        #expect(outcome.code == 64)
    }

    @Test(arguments: ["kee: {a", "kee:\n\tcluster: x\n", "a: b: c\n", "kee: {cluster: a}\nkee: {cluster: b}\n"])
    func whatIsNoYAMLIsSaidInOneLineWithItsPlace(text: String) async {
        let outcome = await sample("--config", "f", environment: good, files: ["f": text])
        #expect(outcome.code == 64)
        #expect(outcome.error.hasPrefix("sample: f:"))
        #expect(outcome.error.split(separator: "\n").count == 1)
    }

    @Test func aFileThatIsNotThereIsAFailure() async {
        let outcome = await sample("--config", "/nowhere/kee.yaml", environment: good)
        #expect(outcome.error == "sample: cannot read '/nowhere/kee.yaml': No such file or directory\n")
        #expect(outcome.code == 1)
    }

    @Test func aValueFromElsewhereIsWrongWithItsPlace() async {
        let environment = good.merging(["KEE_MANAGEMENT_LISTEN": "8080"]) { $1 }
        let outcome = await sample(environment: environment)
        #expect(outcome.code == 64)
        #expect(
            outcome.error.hasPrefix(
                "sample: KEE_MANAGEMENT_LISTEN in the environment: The value '8080' is invalid for "
            )
        )
        #expect(outcome.error.contains("give host:port, such as 127.0.0.1:8080"))
        #expect(outcome.error.contains("; see 'sample"))
        #expect(outcome.error.count(where: \.isNewline) == 1)
        let file = ["kee.yaml": "kee:\n\n  stallTimeout: soon\n"]
        let fromFile = await sample("--config", "kee.yaml", environment: good, files: file)
        #expect(fromFile.error.hasPrefix("sample: kee.yaml:3: stallTimeout: The value 'soon' is invalid for "))
        let fromFlag = await sample("--stall-timeout", "soon", environment: good)
        #expect(fromFlag.error.hasPrefix("sample: The value 'soon' is invalid for '--stall-timeout"))
    }

    @Test func whatIsMissingIsSaidWithAllWaysToGiveIt() async {
        let cluster = await sample(environment: ["KEE_DATABASE_URL": "x"])
        #expect(cluster.code == 64)
        #expect(
            cluster.error.hasPrefix(
                "sample: Missing expected argument '--cluster <cluster>'; or set KEE_CLUSTER, or 'cluster' under 'kee:'"
            )
        )
        let url = await sample("--cluster", "c")
        #expect(url.code == 64)
        #expect(
            url.error.contains("Missing expected argument '--database-url <url>' (or '--database-url-file <file>')")
        )
        #expect(url.error.contains("KEE_DATABASE_URL"))
    }

    @Test func secretsNeverShow() async {
        let secret = "postgres://kee:hunter2@db/kee"
        let outcomes = [
            await sample("--database-url", secret, "--retention-months", "x", "--cluster", "c"),
            await sample(secret, environment: good),
            await sample("--databse-url", secret, environment: good),
            await sample("--databse-url=\(secret)", environment: good),
            await sample("--cluster", "c", "password=hunter2 host=db", environment: good),
            await sample("--retention-months", secret, environment: good),
            await sample("--database-url", secret, environment: ["KEE_DATABASE_URL_FILE": "x", "KEE_NO_MIGRATE": "?"]),
            await sample("fail", "--how", "error"),
        ]
        for outcome in outcomes {
            #expect(outcome.code != 0)
            #expect(!outcome.error.contains("hunter2"), "\(outcome.error)")
        }
        #expect("\(Secret("hunter2"))" == "***")
        #expect("\([Secret("hunter2")])" == "[***]")
        var dumped = ""
        dump(Secret("hunter2"), to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test(arguments: [
        ("postgres://u:p@h/d", "postgres://***@h/d"), ("postgres://u:p@ss@h:5/d?x=1", "postgres://***@h:5/d?x=1"),
        ("https://h/a@b", "https://h/a@b"), ("host=h password=p user=u", "host=h password=*** user=u"),
        ("password = 'a b' x", "password=*** x"), ("?user=u&password=p&x=1", "?user=u&password=***&x=1"),
        ("no password here", "no password here"), ("password=", "password=***"), ("", ""),
        ("'postgres://u:p@h', 'postgres://v:q@i'", "'postgres://***@h', 'postgres://***@i'"),
    ])
    func passwordsAreTakenOut(text: String, shown: String) {
        #expect(Redaction.redacted(text) == shown)
    }

    @Test func aVariableThatIsNearlyRightIsPointedOut() async {
        let environment = good.merging([
            "KEE_DATABSE_URL": "x", "KEE_CLUSTR": "y", "KEE_PORT": "tcp://10.0.0.1:80", "KEE_SERVICE_HOST": "10.0.0.1",
            "KEE_PORT_8080_TCP_ADDR": "10.0.0.1", "KEE_SOMETHING_ELSE": "z", "KE_CLUSTER": "w",
        ]) { $1 }
        let outcome = await sample(environment: environment)
        #expect(outcome.code == 0)
        #expect(
            outcome.error == """
                sample: warning: KEE_CLUSTR in the environment is not known: did you mean KEE_CLUSTER?
                sample: warning: KEE_DATABSE_URL in the environment is not known: did you mean KEE_DATABASE_URL?

                """
        )
    }

    @Test(arguments: [
        (["--help"], "USAGE: sample"), (["watch", "--help"], "--cluster <cluster>"), (["help", "migrate"], "migrate"),
        (["--version"], "1.2.3"), (["-h"], "USAGE: sample"),
    ])
    func helpAndVersionNeedNoSettings(words: [String], text: String) async {
        let broken = ["KEE_CONFIG": "/nowhere", "KEE_NO_MIGRATE": "perhaps"]
        let outcome: Outcome
        switch words.count {
        case 1: outcome = await sample(words[0], environment: broken)
        default: outcome = await sample(words[0], words[1], environment: broken)
        }
        #expect(outcome.code == 0)
        #expect(outcome.standard.contains(text))
        #expect(outcome.error == "")
    }

    @Test(
        arguments: [
            ("nothing", 0, ""), ("failure", 1, "sample: cannot open 'x'\n"), ("usage", 64, "sample: this cannot be\n"),
            ("validation", 64, "sample: not so\n"), ("status", 7, ""),
            ("error", 1, "sample: connection to postgres://***@db/kee failed; after 3 tries [31m\n"),
        ] as [(String, Int32, String)]
    )
    func anErrorEndsTheProgramWithOneLine(how: String, code: Int32, line: String) async {
        let outcome = await sample("fail", "--how", how)
        #expect(outcome.code == code)
        #expect(outcome.error == line)
        #expect(outcome.standard == "")
    }

    @Test func unknownOptionsAreWrongUsage() async {
        let outcome = await sample("--clutser", "c", environment: good)
        #expect(outcome.code == 64)
        #expect(outcome.error.hasPrefix("sample: Unknown option '--clutser'"))
    }

    @Test(arguments: ["wacth", "check-config", ""])
    func anUnknownCommandIsNamed(word: String) async {
        let outcome = await sample(word, "x.yaml", environment: good)
        #expect(outcome.code == 64)
        #expect(outcome.error.hasPrefix("sample: there is no command '\(word)': there are watch, migrate, replay"))
    }
}

@Suite struct DatabaseOptionsTests {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("settings-\(UUID().uuidString)")

    func withFile(_ bytes: [UInt8], _ body: (String) async throws -> Void) async throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("url")
        try Data(bytes).write(to: file)
        try await body(file.path)
    }

    @Test func theSecretMayBeInAFile() async throws {
        try await withFile(Array("\u{FEFF}host=db password='a b'\r\n".utf8)) { path in
            let flag = await sample("migrate", "--database-url-file", path, environment: ["KEE_DATABASE_URL": "no"])
            #expect(flag.standard == "migrate host=db password='a b'\n")
            let variable = await sample("migrate", environment: ["KEE_DATABASE_URL_FILE": path])
            #expect(variable.standard == "migrate host=db password='a b'\n")
            let url = await sample("migrate", "--database-url", "x", environment: ["KEE_DATABASE_URL_FILE": path])
            #expect(url.standard == "migrate x\n")
        }
    }

    @Test func bothInOneLayerAreTooMuch() async throws {
        let both = ["KEE_DATABASE_URL": "secret", "KEE_DATABASE_URL_FILE": "f"]
        let outcome = await sample("migrate", environment: both)
        #expect(outcome.code == 64)
        #expect(
            outcome.error
                == "sample: KEE_DATABASE_URL in the environment and KEE_DATABASE_URL_FILE in the environment are both given: "
                + "give one\n"
        )
        let flags = await sample("migrate", "--database-url", "secret", "--database-url-file", "f")
        #expect(flags.code == 64)
        #expect(flags.error.contains("are both given"))
        #expect(!flags.error.contains("secret"))
    }

    @Test func aFileThatCannotBeUsedIsAFailure() async throws {
        let missing = await sample("migrate", "--database-url-file", "/nowhere/url")
        #expect(missing.code == 1)
        #expect(missing.error == "sample: cannot read '/nowhere/url': No such file or directory\n")
        #expect(await sample("migrate", "--database-url-file", "/").code == 1)
        try await withFile(Array(" \n".utf8)) { path in
            let empty = await sample("migrate", "--database-url-file", path)
            #expect(empty.error == "sample: '\(path)' is empty: --database-url-file holds the URL\n")
        }
        try await withFile([0x68, 0xFF, 0x0A]) { path in
            let odd = await sample("migrate", "--database-url-file", path)
            #expect(odd.error == "sample: '\(path)' is no text in UTF-8\n")
        }
        try await withFile([UInt8](repeating: 0x61, count: 70_000)) { path in
            let large = await sample("migrate", "--database-url-file", path)
            #expect(large.error == "sample: '\(path)' is larger than 65536 bytes\n")
        }
    }
}
