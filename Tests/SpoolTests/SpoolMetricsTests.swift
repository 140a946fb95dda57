import MetricsTestKit
import Testing

@testable import Spool

@Suite("The metrics of the spool") struct SpoolMetricsTests {
    @Test func countWhatWentInAndOutAndWhatWasLost() async throws {
        let setting = try SpoolSetting()
        let backend = TestMetrics()
        let metrics = SpoolMetrics(factory: backend)
        func total(_ name: String) throws -> Int64 { try backend.expectCounter(name).values.reduce(0, +) }
        func last(_ name: String) throws -> Double? { try backend.expectGauge(name).lastValue }

        let bytes = try await setting.open(metrics).use { spool in
            for number in 0..<5 { try await spool.append(.numbered(number)) }
            #expect(try last("spool_records") == 5)
            #expect(try last("spool_bytes") == Double(spool.status.bytes))
            await spool.acknowledge(try #require(try await spool.next(maxEvents: 2)))
            return spool.status.bytes
        }
        #expect(try total("spool_appended_total") == 5)
        #expect(try total("spool_drained_total") == 2)
        #expect(try total("spool_corrupt_bytes_total") == 0)
        #expect(try last("spool_records") == 3)

        let name = try #require(try setting.segments().first)
        var content = try setting.content(of: name)
        content[0] ^= 1
        try setting.replace(name, with: content)
        try await setting.open(metrics).use { _ in }
        #expect(try total("spool_corrupt_bytes_total") == Int64(bytes))
        #expect(try last("spool_records") == 0)
    }
}
