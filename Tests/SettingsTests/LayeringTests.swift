import ArgumentParser
import Testing

@testable import Settings

@Suite struct LayeringTests {
    let url = ["KEE_DATABASE_URL": "host=db"]

    func environment(_ more: [String: String]) -> [String: String] { url.merging(more) { $1 } }

    @Test func theFlagWinsOverTheEnvironmentAndThatOverTheFile() async {
        let file = "kee:\n  cluster: file\n  retention-months: 3\n  management-listen: 127.0.0.1:3\n"
        let outcome = await sample(
            "--config",
            "kee.yaml",
            "--cluster=flag",
            environment: environment(["KEE_CLUSTER": "environment", "KEE_RETENTION_MONTHS": "2"]),
            files: ["kee.yaml": file]
        )
        #expect(outcome.error == "")
        #expect(outcome.code == 0)
        #expect(outcome.standard.contains("cluster=flag url=host=db"))
        #expect(outcome.standard.contains("months=2 "))
        #expect(outcome.standard.contains("listen=127.0.0.1:3 "))
    }

    @Test(arguments: [
        ["--cluster", "a"], ["--cluster=a"], ["watch", "--cluster", "a"], ["-cluster", "a"], ["-cluster=a"],
    ])
    func everyFormOfAFlagCountsAsGiven(words: [String]) async throws {
        let tree = try CommandTree.of(Sample.self)
        let layers = SettingLayers(
            tree: tree,
            defaultSubcommand: "watch",
            environment: environment(["KEE_CLUSTER": "b"]),
            knownElsewhere: [],
            readFile: { _ in "" }
        )
        let layered = try layers.applied(to: words)
        #expect(!layered.arguments.contains("--cluster=b"))
        #expect(layered.arguments.contains("--database-url=host=db"))
        #expect(try Sample.parseAsRoot(layered.arguments) is SampleWatch)
    }

    @Test func aHigherLayersListReplacesALowerOne() async {
        let file = ["f": "kee: {namespace: [x, y], cluster: c}"]
        let fromFile = await sample("--config", "f", environment: url, files: file)
        #expect(fromFile.standard.contains("namespaces=x+y "))
        let lower = environment(["KEE_NAMESPACE": "a, b ,,c"])
        let fromEnvironment = await sample("--config", "f", environment: lower, files: file)
        #expect(fromEnvironment.standard.contains("namespaces=a+b+c "))
        let fromFlags = await sample("-n", "q", "--config", "f", environment: lower, files: file)
        #expect(fromFlags.standard.contains("namespaces=q "))
        let one = await sample("--config", "f", environment: url, files: ["f": "kee: {namespace: x, cluster: c}"])
        #expect(one.standard.contains("namespaces=x "))
    }

    @Test(arguments: [("true", "true"), ("Yes", "true"), ("1", "true"), ("false", "false"), ("off", "false")])
    func flagsAreTrueOrFalse(text: String, value: String) async {
        let set = environment(["KEE_NO_MIGRATE": text, "KEE_CLUSTER": "c"])
        #expect(await sample(environment: set).standard.contains("noMigrate=\(value) "))
        let file = ["f": "kee:\n  noMigrate: \(text)\n  cluster: c\n"]
        #expect(await sample("--config", "f", environment: url, files: file).standard.contains("noMigrate=\(value) "))
    }

    @Test func aFlagThatIsNeitherIsAnError() async {
        let outcome = await sample(environment: environment(["KEE_NO_MIGRATE": "perhaps", "KEE_CLUSTER": "c"]))
        #expect(outcome.code == 64)
        #expect(outcome.error == "sample: KEE_NO_MIGRATE in the environment: 'perhaps' is neither true nor false\n")
    }

    @Test func anEmptyVariableIsNotSetButForThePrefix() async {
        let outcome = await sample(
            environment: environment(["KEE_CLUSTER": "c", "KEE_MANAGEMENT_LISTEN": "", "KEE_METRICS_PREFIX": ""])
        )
        #expect(outcome.standard.contains("listen=0.0.0.0:2112 "))
        #expect(outcome.standard.contains("prefix= "))
        for words in [["--metrics-prefix="], ["--metrics-prefix", ""], ["-metrics-prefix="]] {
            let flag = await sample(
                words[0],
                words.count > 1 ? words[1] : "--cluster=c",
                environment: environment(["KEE_CLUSTER": "c"])
            )
            #expect(flag.standard.contains("prefix= "), "\(words)")
        }
    }

    @Test func valuesMayBeginWithADashOrHoldAnEqualsSign() async {
        let outcome = await sample(environment: ["KEE_DATABASE_URL": "--host=db port=5", "KEE_CLUSTER": "-c"])
        #expect(outcome.standard.contains("cluster=-c url=--host=db port=5 "))
    }

    @Test func onlyWhatTheCommandTakesIsAdded() async {
        let set = environment(["KEE_CLUSTER": "c", "KEE_RETENTION_MONTHS": "nonsense", "KEE_CONFIG": "/nowhere"])
        let replay = await sample("replay", "a.json", "-", environment: set)
        #expect(replay.standard == "replay c a.json+-\n")
        let migrate = await sample("upgrade", environment: url)
        #expect(migrate.standard == "migrate host=db\n")
    }

    @Test func nothingAfterTwoDashesIsAnOption() async {
        let set = environment(["KEE_CLUSTER": "c"])
        let outcome = await sample("replay", "--", "--cluster", "-conf", environment: set)
        #expect(outcome.standard == "replay c --cluster+-conf\n")
    }

    @Test(arguments: [["-conf", "f"], ["-conf=f"], ["--conf", "f"], ["-config", "f"], ["--config=f"]])
    func anExportersDeploymentStartsUnchanged(words: [String]) async throws {
        let file = "clusterName: ${REGION}-$STAGE\nlogLevel: error\nroute: {routes: []}\nreceivers: []\n"
        let set = environment(["REGION": "eu", "STAGE": "prod", "KEE_CONFIG": "/not/this"])
        let layers = SettingLayers(
            tree: try CommandTree.of(Sample.self),
            defaultSubcommand: "watch",
            environment: set,
            knownElsewhere: [],
            readFile: { path in path == "f" ? file : "kee: {cluster: wrong}" }
        )
        let layered = try layers.applied(to: words + ["-metrics-address", ":9"])
        #expect(layered.arguments.contains("--cluster=eu-prod"))
        #expect(layered.arguments.suffix(2) == ["--management-listen", ":9"])
        let watch = try #require(try Sample.parseAsRoot(layered.arguments) as? SampleWatch)
        #expect(watch.managementListen.description == "0.0.0.0:9")
    }

    @Test func ourOwnKeyWinsOverTheExportersClusterName() async {
        let file = ["f": "clusterName: theirs\nkee:\n  cluster: ours\n"]
        #expect(await sample("--config", "f", environment: url, files: file).standard.contains("cluster=ours "))
        let set = environment(["KEE_CLUSTER": "environment", "KEE_CONFIG": "f"])
        #expect(await sample(environment: set, files: file).standard.contains("cluster=environment "))
    }

    @Test func theFileMayBeNamedInTheEnvironment() async {
        let set = environment(["KEE_CONFIG": "f"])
        let outcome = await sample(environment: set, files: ["f": "kee: {cluster: c}"])
        #expect(outcome.standard.contains("cluster=c "))
    }

    @Test(arguments: ["", "# nothing\n", "kee:\n", "kee: ~\n", "other: [1, 2]\n", "kee: {}\n", "kee: {cluster: ~}\n"])
    func aFileThatSaysNothingIsFine(text: String) async {
        let outcome = await sample("--config", "f", "--cluster", "c", environment: url, files: ["f": text])
        #expect(outcome.error == "")
        #expect(outcome.code == 0)
    }

    @Test func keysAreWrittenLikeFlagsOrLikeKubernetesDoes() async {
        for key in ["database-url", "databaseUrl", "databaseURL"] {
            let file = ["f": "kee:\n  \(key): host=a\n  cluster: c\n"]
            #expect(await sample("--config", "f", files: file).standard.contains("url=host=a "))
        }
        for key in ["database_url", "DATABASE_URL", "databaseurl", "Database-Url"] {
            let file = ["f": "kee:\n  \(key): host=a\n  cluster: c\n"]
            #expect(await sample("--config", "f", files: file).code == 64, "\(key)")
        }
    }

    @Test func keysOfOtherCommandsAndProgramsAreKnown() async {
        let file = ["f": "kee:\n  cluster: c\n  how: x\n  rateLimit: 5\n  databaseUrl: u\n"]
        let known = await sample("migrate", "--config", "f", files: file, knownElsewhere: ["rate-limit"])
        #expect(known.standard == "migrate u\n")
        let unknown = await sample("migrate", "--config", "f", files: file)
        #expect(unknown.error.hasPrefix("sample: f:4: unknown key 'rateLimit' under 'kee:'"))
    }

    @Test func scalarsAreTakenAsTheyAreWritten() async {
        let file = ["f": "kee:\n  cluster: 0123\n  databaseUrl: \"~\"\n  stallTimeout: 90s\n"]
        let outcome = await sample("--config", "f", files: file)
        #expect(outcome.standard.contains("cluster=0123 url=~ "))
    }
}
