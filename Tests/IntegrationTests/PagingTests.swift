import JSON
import TestSupport
import Testing

@Suite("Paging while others write", .fewAtOnce, .timeLimit(.minutes(5)))
struct PagingTests {
    /// What is there when page one is read comes once; what comes meanwhile, at most once.
    @Test(arguments: ["desc", "asc"])
    func eachOfTheFirstComesOnce(_ order: String) async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        let count = 1500
        // In pairs at the same second, and those that come later in the midst of them.
        let first = try await replay(["-"], into: database, input: .bytes(MadeEvents.lines(0..<count) { $0 / 2 }))
        #expect(first.output == "read=\(count) stored=\(count) duplicate=0 rejected=0\n", "\(first.errors)")

        try await withQuery(database) { _, client, _ in
            let start = "/events/demo?limit=7&order=\(order)"
            var page = try await client.get(start)
            try await ProgramRun.run(
                "kee-collector",
                ["replay", "--cluster", "demo", "--database-url", database, "-"],
                input: .bytes(MadeEvents.lines(count..<3 * count) { $0 % count / 2 })
            ) { writer in
                var seen: [String: Int] = [:]
                // From here on others write; they are far from done when page two is asked for.
                try await eventually("a row", ask: { try await Database.events(in: database) }) { $0 > count }
                while true {
                    for item in try page.items() {
                        seen[item["metadata"]?["resourceVersion"]?.string ?? "?", default: 0] += 1
                    }
                    guard let token = try page.json()["metadata"]?["continue"]?.string else { break }
                    page = try await client.get("\(start)&continue=\(token)")
                }
                #expect(seen.allSatisfy { $0.value == 1 })
                #expect((0..<count).allSatisfy { seen["\($0)"] == 1 })
                #expect(try await writer.waitForExit() == .code(0))
            }
            #expect(try await Database.events(in: database) == 3 * count)
        }
    }
}
