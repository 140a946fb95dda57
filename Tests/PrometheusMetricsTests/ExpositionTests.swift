import CoreMetrics
import Testing

@testable import PrometheusMetrics

@Suite struct ExpositionTests {
    let registry = PrometheusRegistry(
        descriptions: [
            MetricDescription("events_sent", help: "Events committed.", kind: .counter),
            MetricDescription("spool_bytes", help: "Bytes in the \"spool\",\nwith a \\.", kind: .gauge),
            MetricDescription("request_processing_seconds", help: "Time to answer.", kind: .summary),
        ]
    )

    init() {
        Counter(label: "events_sent_total", dimensions: [("cluster", "b")], factory: registry).increment(by: 7)
        Counter(label: "events_sent_total", dimensions: [("cluster", "a")], factory: registry).increment()
        Gauge(label: "spool_bytes", factory: registry).record(1.5)
        let timer = Timer(label: "request_processing", dimensions: [("route", "/events")], factory: registry)
        timer.recordMilliseconds(250)
        timer.recordMilliseconds(250)
    }

    @Test func prometheusTextNamesCountersByTheirSamples() {
        #expect(
            registry.exposition(.prometheusText) == """
                # HELP kee_events_sent_total Events committed.
                # TYPE kee_events_sent_total counter
                kee_events_sent_total{cluster="a"} 1
                kee_events_sent_total{cluster="b"} 7
                # HELP kee_request_processing_seconds Time to answer.
                # TYPE kee_request_processing_seconds summary
                kee_request_processing_seconds{route="/events",quantile="0.5"} 0.25
                kee_request_processing_seconds{route="/events",quantile="0.9"} 0.25
                kee_request_processing_seconds{route="/events",quantile="0.99"} 0.25
                kee_request_processing_seconds_sum{route="/events"} 0.5
                kee_request_processing_seconds_count{route="/events"} 2
                # HELP kee_spool_bytes Bytes in the "spool",\\nwith a \\\\.
                # TYPE kee_spool_bytes gauge
                kee_spool_bytes 1.5

                """
        )
    }

    @Test func openMetricsNamesCountersByTheirFamilyAndSaysWhereItEnds() {
        let text = registry.exposition(.openMetrics)
        #expect(text.contains("# TYPE kee_events_sent counter\nkee_events_sent_total{cluster=\"a\"} 1\n"))
        #expect(text.contains("# HELP kee_spool_bytes Bytes in the \\\"spool\\\",\\nwith a \\\\.\n"))
        #expect(text.hasSuffix("\n# EOF\n"))
    }

    @Test func labelValuesAreEscapedAndLabelNamesMadeValid() {
        let registry = PrometheusRegistry()
        let dimensions = [("a.b", "back\\slash"), ("1st", "new\nline"), ("quote", "\"é\""), ("quote", "again")]
        Counter(label: "odd.name-1", dimensions: dimensions, factory: registry).increment()
        #expect(
            registry.exposition(.prometheusText).split(separator: "\n").last
                == #"kee_odd_name_1_total{_1st="new\nline",a_b="back\\slash",quote="\"é\""} 1"#
        )
    }

    @Test func aSummaryKeepsTheFormatsOwnLabel() {
        let registry = PrometheusRegistry()
        Recorder(label: "size_bytes", dimensions: [("quantile", "mine")], factory: registry).record(3)
        #expect(registry.exposition(.prometheusText).contains(#"{exported_quantile="mine",quantile="0.5"} 3"#))
    }

    @Test(arguments: [
        (0.0, "0"), (1, "1"), (-2, "-2"), (0.1, "0.1"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        (1e21, "1e+21"), (9_007_199_254_740_991, "9007199254740991"), (1e-7, "1e-07"),
    ])
    func numbersAreWrittenAsTheFormatWantsThem(value: Double, text: String) {
        #expect(MetricNumber.text(value) == text)
    }

    @Test(
        arguments: [
            (nil, ExpositionFormat.prometheusText), ("", .prometheusText), ("*/*", .prometheusText),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .prometheusText),
            ("application/openmetrics-text", .openMetrics), ("application/json", .prometheusText),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
            ("application/openmetrics-text;version=2.0.0", .prometheusText),
            ("application/openmetrics-text;q=0", .prometheusText),
            ("text/plain;version=0.0.4;q=0.6,application/openmetrics-text;q=0.5", .prometheusText),
            // Prometheus 2 and 3.
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3",
                .openMetrics
            ),
        ] as [(String?, ExpositionFormat)]
    )
    func acceptDecidesTheFormat(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept) == format)
    }
}
