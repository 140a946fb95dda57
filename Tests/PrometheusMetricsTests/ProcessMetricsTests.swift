import Testing

@testable import PrometheusMetrics

@Suite struct ProcessMetricsTests {
    @Test func theNameOfAProgramMayHoldAnything() {
        let fields = "S 1 2 3 4 5 6 7 8 9 10 111 222 13 14 15 16 17 18 190 200000 21 22 23"
        let stat = ProcessStat("42 (a ) b (c) \(fields.dropFirst(0))")
        #expect(stat == ProcessStat("7 (plain) \(fields)"))
        #expect(stat?.cpuTicks == 333)
        #expect(stat?.startTicks == 190)
        #expect(stat?.virtualBytes == 200_000)
        #expect(stat?.residentPages == 21)
    }

    @Test(arguments: ["", "1 (a", "1 (a) S 1 2", "1 (a) S a b c d e f g h i j k l m n o p q r s t u v"])
    func linesThatAreNotUnderstoodAreLeft(_ line: String) {
        #expect(ProcessStat(line) == nil)
    }

    #if os(Linux)
        @Test func aProcessKnowsItself() throws {
            let metrics = Dictionary(uniqueKeysWithValues: ProcessMetrics.current().map { ($0.name, $0.value) })
            #expect(Set(metrics.keys) == Set(ProcessMetrics.help.keys))
            #expect(try #require(metrics["process_resident_memory_bytes"]) > 1_000_000)
            #expect(try #require(metrics["process_open_fds"]) >= 3)
            #expect(try #require(metrics["process_cpu_seconds_total"]) >= 0)
            // Some time after 2020, and before 2200.
            #expect((1_577_836_800...7_258_118_400).contains(try #require(metrics["process_start_time_seconds"])))
        }
    #endif
}
