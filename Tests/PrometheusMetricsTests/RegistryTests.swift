import CoreMetrics
import PrometheusMetrics
import Synchronization
import Testing

/// Keeps what a registry warned of.
final class Warnings: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

extension PrometheusRegistry {
    /// The samples without comments.
    var samples: [String] {
        exposition(.prometheusText).split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }
}

@Suite struct RegistryTests {
    let warnings = Warnings()

    func registry(prefix: MetricsPrefix = .kee, bound: Int = 1000) -> PrometheusRegistry {
        PrometheusRegistry(prefix: prefix, seriesBound: bound, warn: { [warnings] in warnings.add($0) })
    }

    @Test func theSameNameAndLabelsAreOneSeriesInWhateverOrder() {
        let registry = registry()
        Counter(label: "hits", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "hits_total", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment(by: 2)
        FloatingPointCounter(label: "hits", dimensions: [("a", "1"), ("b", "2")], factory: registry)
            .increment(by: 0.5)
        #expect(registry.samples == [#"kee_hits_total{a="1",b="2"} 3.5"#])
    }

    @Test func countersNeverFall() {
        let registry = registry()
        let counter = registry.makeCounter(label: "hits", dimensions: [])
        counter.increment(by: 5)
        counter.increment(by: -3)
        let fractions = registry.makeFloatingPointCounter(label: "hits", dimensions: [])
        fractions.increment(by: -1)
        fractions.increment(by: .nan)
        fractions.increment(by: .infinity)
        #expect(registry.samples == ["kee_hits_total 5"])
    }

    @Test func metersGoUpAndDown() {
        let registry = registry()
        let meter = Meter(label: "connections", factory: registry)
        meter.set(10)
        meter.increment(by: 2)
        meter.decrement(by: 4.5)
        #expect(registry.samples == ["kee_connections 7.5"])
    }

    @Test func beyondTheBoundSeriesAreCountedTogether() {
        let registry = registry(bound: 3)
        for number in 0..<10 {
            Counter(label: "hits", dimensions: [("path", "/\(number)"), ("x", "y")], factory: registry).increment()
        }
        Counter(label: "hits", dimensions: [("path", "/0"), ("x", "y")], factory: registry).increment()
        #expect(
            registry.samples == [
                #"kee_hits_total{path="/0",x="y"} 2"#, #"kee_hits_total{path="/1",x="y"} 1"#,
                #"kee_hits_total{path="/2",x="y"} 1"#, #"kee_hits_total{path="other",x="other"} 7"#,
            ]
        )
        #expect(warnings.all.count == 1)
        #expect(warnings.all.first?.contains("kee_hits has more than 3 series") == true)
    }

    @Test func theDefaultBoundIsAThousand() {
        let registry = registry()
        for number in 0..<1200 {
            Counter(label: "hits", dimensions: [("path", "\(number)")], factory: registry).increment()
        }
        #expect(registry.samples.count == 1001)
        #expect(registry.samples.contains(#"kee_hits_total{path="other"} 200"#))
    }

    @Test func aNameIsOfOneKind() {
        let registry = registry()
        Counter(label: "depth_total", factory: registry).increment()
        Gauge(label: "depth", factory: registry).record(5)
        Gauge(label: "depth", factory: registry).record(6)
        #expect(registry.samples == ["kee_depth_total 1"])
        #expect(warnings.all == ["metric kee_depth is a counter already: the gauge of that name is not counted"])
    }

    @Test func whatIsDestroyedIsToldNoMore() {
        let registry = registry(bound: 1)
        let counter = Counter(label: "hits", dimensions: [("a", "1")], factory: registry)
        counter.increment()
        counter.destroy()
        #expect(registry.samples == [])
        Counter(label: "hits", dimensions: [("a", "2")], factory: registry).increment()
        #expect(registry.samples == [#"kee_hits_total{a="2"} 1"#])
        let timer = Timer(label: "wait", factory: registry)
        timer.destroy()
        let gauge = Gauge(label: "level", factory: registry)
        gauge.destroy()
        #expect(registry.samples.count == 1)
    }

    @Test func collectedValuesAreWorkedOutWhenRead() {
        let registry = registry()
        registry.describe([MetricDescription("reads_total", help: "Reads.", kind: .counter)])
        let collected = Reads()
        registry.register { collected.next() }
        #expect(registry.samples == [#"kee_age_seconds{cluster="a"} 0.5"#, "kee_reads_total 1", "plain 1"])
        #expect(registry.exposition(.prometheusText).contains("# HELP kee_reads_total Reads.\n"))
        #expect(registry.samples.contains("kee_reads_total 3"))
    }

    @Test func collectedValuesThatClashAreLeftOut() {
        let registry = registry(bound: 2)
        Counter(label: "hits", factory: registry).increment()
        registry.register {
            [CollectedMetric("hits", value: 9)]
                + (0..<5).map { CollectedMetric("level", labels: [("n", "\($0)")], value: 1) }
        }
        #expect(registry.samples == ["kee_hits_total 1", #"kee_level{n="0"} 1"#, #"kee_level{n="1"} 1"#])
        #expect(registry.samples.count == 3)
        #expect(warnings.all.count == 2)
    }

    @Test func thePrefixMayBeEmptyOrAnotherName() throws {
        let plain = registry(prefix: try #require(MetricsPrefix("")))
        Gauge(label: "1st", factory: plain).record(1)
        #expect(plain.samples == ["_1st 1"])
        let other = registry(prefix: try #require(MetricsPrefix("events:")))
        Gauge(label: "1st", factory: other).record(1)
        #expect(other.samples == ["events:1st 1"])
    }

    @Test(arguments: ["1a", "a-b", "ä", " ", "a b"]) func prefixesThatAreNoNamesAreRefused(_ text: String) {
        #expect(MetricsPrefix(text) == nil)
        #expect(throws: MetricsPrefixError(text: text)) { try MetricsPrefix(parsing: text) }
    }

    @Test func manyThreadsLoseNothing() async {
        let registry = registry()
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    let fractions = FloatingPointCounter(label: "fractions", factory: registry)
                    let timer = Timer(label: "wait", factory: registry)
                    for _ in 0..<2000 {
                        Counter(label: "hits", factory: registry).increment()
                        fractions.increment(by: 0.5)
                        timer.recordNanoseconds(1_000_000)
                    }
                    if task == 0 { _ = registry.samples }
                }
            }
        }
        #expect(registry.samples.contains("kee_hits_total 16000"))
        #expect(registry.samples.contains("kee_fractions_total 8000"))
        #expect(registry.samples.contains("kee_wait_seconds_count 16000"))
    }
}

/// A collector that counts how often it is read.
final class Reads: Sendable {
    private let count = Mutex(0)

    func next() -> [CollectedMetric] {
        let now = count.withLock { count in
            count += 1
            return count
        }
        return [
            CollectedMetric("reads_total", value: Double(now), kind: .counter),
            CollectedMetric("age_seconds", labels: [("cluster", "a")], value: 0.5),
            CollectedMetric("plain", value: 1, isPrefixed: false),
        ]
    }
}
