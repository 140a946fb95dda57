import TestSupport
import Testing

@Suite("One name, one cluster", .fewAtOnce, .timeLimit(.minutes(5)))
struct ClusterIdentityTests {
    @Test func anotherClusterUnderTheSameNameIsRefusedUnlessItTakesItOver() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        try await FakeAPIServer.run { api in
            api.put(20, named: "first")
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, kubeconfig: kubeconfig.path) { _, _ in
                try await LiveArchive(database: database, api: api).rows(20)
            }
        }
        let other = FakeAPIServer.Store(version: 500, clusterUID: "4a0e7d29-0000-4000-8000-000000000002")
        try await FakeAPIServer.run(store: other) { api in
            api.put(10, named: "second")
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, kubeconfig: kubeconfig.path) { collector, _ in
                let exit = try await collector.waitForExit(within: .seconds(30))
                #expect(exit == .code(1))
                let line = collector.now.errorLines.last ?? ""
                #expect(
                    line.hasPrefix("kee-collector: the archive holds another cluster under the name \"live\""),
                    "\(line)"
                )
                #expect(line.contains("--adopt-cluster"))
            }
            #expect(try await Database.events(in: database) == 20)
            #expect(api.wholeLists == 0)

            let archive = LiveArchive(database: database, api: api)
            try await withCollector(database, ["--adopt-cluster"], kubeconfig: kubeconfig.path) { _, management in
                try await archive.rows(30)
                try await archive.isAtRest(management)
                api.put(5, named: "live")
                try await archive.rows(35)
            }
            // It is ours now, without a word.
            try await withCollector(database, kubeconfig: kubeconfig.path) { _, _ in
                api.put(5, named: "again")
                try await archive.rows(40)
            }
        }
    }
}
