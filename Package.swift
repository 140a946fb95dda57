// swift-tools-version:6.2
import PackageDescription

/// Every target of ours: Swift 6 language mode, imports internal unless said otherwise, `any` spelled out, no warning.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// What comes from elsewhere.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let metricsTestKit = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP2 = Target.Dependency.product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// A folder below Sources/Shared, Sources/Collector or Sources/QueryAPI: a wall that the compiler checks.
func module(_ name: String, in part: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(part)/\(name)", swiftSettings: settings)
}

func program(_ name: String, in part: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/\(part)/App", swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name), "TestSupport"] + dependencies,
        path: "Tests/\(name)Tests",
        swiftSettings: settings
    )
}

func systemLibrary(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Shared/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
    name: "kee",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "kee-collector", targets: ["kee-collector"]),
        .executable(name: "kee-query", targets: ["kee-query"]),
        // For Benchmarks/, which is a package of its own.
        .library(
            name: "Archive",
            targets: ["EventModel", "EventReader", "EventSchema", "EventWriter", "JSON", "Postgres"]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // Without its default traits: full Foundation brings ICU, 44 MB in each stripped static program.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Shared, from the ground up.
        systemLibrary("CLibpq", pkgConfig: "libpq", package: "libpq-dev"),
        systemLibrary("CLibcurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
        systemLibrary("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
        module("JSON", in: "Shared"),
        module("Coverage", in: "Shared"),
        module("EventModel", in: "Shared", ["JSON", crypto]),
        module("StructuredLogging", in: "Shared", [logging]),
        module("Settings", in: "Shared", ["StructuredLogging", argumentParser, logging, yams]),
        module("PrometheusMetrics", in: "Shared", [coreMetrics]),
        module(
            "Management",
            in: "Shared",
            [
                "PrometheusMetrics", "Settings", httpTypes, hummingbird, hummingbirdCore, logging, nioCore, nioPosix,
                serviceLifecycle,
            ]
        ),
        module("Postgres", in: "Shared", ["CLibpq", deque, logging]),
        module("HTTPTransfer", in: "Shared", ["CLibcurl", logging]),
        module("KubernetesAPI", in: "Shared", ["EventModel", "HTTPTransfer", "JSON", crypto, yams, logging]),
        module("EventSchema", in: "Shared", ["EventModel", "JSON", "Postgres", logging, metrics]),
        module(
            "EventWriter",
            in: "Shared",
            ["Coverage", "EventModel", "EventSchema", "JSON", "Postgres", logging, metrics]
        ),
        module(
            "EventReader",
            in: "Shared",
            ["Coverage", "EventModel", "EventSchema", "JSON", "Postgres", logging, metrics]
        ),
        // The collector.
        module("Watch", in: "Collector", ["Coverage", "KubernetesAPI", "JSON", logging, metrics, serviceLifecycle]),
        module(
            "Archiving",
            in: "Collector",
            [
                "Coverage", "EventModel", "EventSchema", "EventWriter", "JSON", "KubernetesAPI", "Postgres", "Replay",
                "Spool", "Watch", crypto, logging, metrics, serviceLifecycle,
            ]
        ),
        module("Spool", in: "Collector", ["Coverage", logging, metrics]),
        module("LeaderElection", in: "Collector", ["KubernetesAPI", logging, metrics, serviceLifecycle]),
        module("Replay", in: "Collector", ["CZlib", "EventModel", "JSON", yams]),
        module(
            "Owners",
            in: "Collector",
            [
                "EventModel", "EventSchema", "HTTPTransfer", "JSON", "KubernetesAPI", "Postgres", logging, metrics,
                serviceLifecycle,
            ]
        ),
        program(
            "kee-collector",
            in: "Collector",
            [
                "Archiving", "Coverage", "EventModel", "EventSchema", "EventWriter", "HTTPTransfer", "KubernetesAPI",
                "LeaderElection", "Management", "Owners", "Postgres", "PrometheusMetrics", "Replay", "Settings",
                "Spool", "StructuredLogging", "Watch",
                argumentParser, logging, metrics, serviceLifecycle, unixSignals,
            ]
        ),
        // The query service.
        module("RateLimit", in: "QueryAPI", [heap]),
        module("Formats", in: "QueryAPI", ["CZlib", "EventModel", "EventReader", "JSON"]),
        module(
            "Access",
            in: "QueryAPI",
            [
                "EventReader", "HTTPTransfer", "JSON", "KubernetesAPI", "Settings", crypto, httpTypes, jwtKit, logging,
                metrics, serviceLifecycle, yams,
            ]
        ),
        module(
            "LiveTail",
            in: "QueryAPI",
            ["EventReader", "EventSchema", "JSON", "Postgres", deque, logging, metrics, serviceLifecycle]
        ),
        module(
            "Listener",
            in: "QueryAPI",
            [
                "Settings", coreMetrics, httpTypes, hummingbird, hummingbirdCore, logging, nioCore, nioHTTP1, nioHTTP2,
                nioHTTPTypes, nioHTTPTypesHTTP2, nioPosix, nioSSL, nioTLS, serviceLifecycle,
            ]
        ),
        module(
            "EventRoutes",
            in: "QueryAPI",
            [
                "Access", "Coverage", "EventModel", "EventReader", "EventSchema", "Formats", "JSON", "Listener",
                "LiveTail", "RateLimit",
                coreMetrics, crypto, httpTypes, hummingbird, logging, nioCore, nioHTTP1, serviceLifecycle,
            ]
        ),
        program(
            "kee-query",
            in: "QueryAPI",
            [
                "Access", "EventReader", "EventRoutes", "EventSchema", "HTTPTransfer", "KubernetesAPI", "Listener",
                "LiveTail", "Management", "Postgres", "PrometheusMetrics", "RateLimit", "Settings",
                "StructuredLogging",
                argumentParser, hummingbird, logging, metrics, nioCore, serviceLifecycle, unixSignals, yams,
            ]
        ),
        // Damaged documents for everything that reads what an API server sends; see scripts/fuzz.sh.
        .target(
            name: "FuzzEngine",
            dependencies: ["EventModel", "EventSchema", "JSON", "KubernetesAPI"],
            path: "Fuzz/Engine",
            swiftSettings: settings
        ),
        .executableTarget(name: "kee-fuzz", dependencies: ["FuzzEngine"], path: "Fuzz/App", swiftSettings: settings),
        // Tests mirror Sources.
        .target(
            name: "TestSupport",
            dependencies: [
                "EventModel", "EventReader", "EventSchema", "EventWriter", "JSON", "Postgres", jwtKit, logging, nioCore,
                nioHTTP1, nioPosix, nioSSL,
            ],
            path: "Tests/TestSupport",
            // Read where they stand, so that nothing is copied into a bundle.
            exclude: ["Recordings"],
            swiftSettings: settings
        ),
        // Not products: what the tests and `make chaos` run as processes.
        .executableTarget(
            name: "kee-fake-apiserver",
            dependencies: ["TestSupport", argumentParser],
            path: "Tests/FakeAPIServer",
            swiftSettings: settings
        ),
        .target(
            name: "ChaosHarness",
            dependencies: [
                "Coverage", "EventModel", "EventSchema", "EventWriter", "HTTPTransfer", "JSON", "Postgres",
                "TestSupport", crypto, logging,
            ],
            path: "Tests/ChaosHarness",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "kee-chaos",
            // The last two are run as processes, from beside it.
            dependencies: ["ChaosHarness", argumentParser, "kee-fake-apiserver", "kee-collector"],
            path: "Tests/Chaos",
            swiftSettings: settings
        ),
        .testTarget(
            name: "TestSupportTests",
            dependencies: ["HTTPTransfer", "JSON", "TestSupport", "kee-fake-apiserver"],
            path: "Tests/TestSupportTests",
            swiftSettings: settings
        ),
        tests(of: "ChaosHarness", ["JSON"]),
        tests(of: "JSON"),
        tests(of: "Coverage"),
        tests(of: "EventModel", ["JSON"]),
        tests(of: "Settings", ["StructuredLogging", argumentParser, logging]),
        tests(of: "StructuredLogging", [logging]),
        tests(of: "PrometheusMetrics", [coreMetrics]),
        tests(
            of: "Management",
            [
                "PrometheusMetrics", "Settings", coreMetrics, logging, nioCore, nioPosix, serviceLifecycle,
            ]
        ),
        tests(of: "Postgres"),
        tests(of: "HTTPTransfer", [logging]),
        tests(of: "KubernetesAPI", ["HTTPTransfer", "JSON", logging]),
        tests(of: "EventSchema", ["EventModel", "EventReader", "EventWriter", "JSON", "Postgres", logging]),
        tests(of: "EventWriter", ["Coverage", "EventModel", "EventReader", "EventSchema", "JSON", "Postgres"]),
        tests(
            of: "EventReader",
            ["Coverage", "EventModel", "EventSchema", "EventWriter", "JSON", "Postgres", logging]
        ),
        tests(
            of: "Watch",
            ["Coverage", "KubernetesAPI", "HTTPTransfer", "JSON", logging, metrics, metricsTestKit, serviceLifecycle]
        ),
        tests(
            of: "Archiving",
            ["Coverage", "EventModel", "EventSchema", "EventWriter", "JSON", "Postgres", "Spool", "Watch", logging]
        ),
        tests(of: "Spool", ["Coverage", logging, metricsTestKit]),
        tests(
            of: "LeaderElection",
            ["KubernetesAPI", "HTTPTransfer", "JSON", logging, metrics, metricsTestKit, serviceLifecycle]
        ),
        tests(of: "Replay", ["CZlib", "EventModel", "JSON"]),
        tests(of: "RateLimit"),
        tests(
            of: "Owners",
            [
                "EventModel", "EventReader", "EventSchema", "EventWriter", "HTTPTransfer", "JSON", "KubernetesAPI",
                "Postgres", logging, serviceLifecycle,
            ]
        ),
        tests(of: "Formats", ["CZlib", "EventModel", "EventReader", "JSON"]),
        tests(
            of: "Access",
            [
                "EventReader", "HTTPTransfer", "JSON", "KubernetesAPI", crypto, httpTypes, jwtKit, logging,
                serviceLifecycle,
            ]
        ),
        tests(
            of: "LiveTail",
            [
                "EventModel", "EventReader", "EventSchema", "EventWriter", "JSON", "Postgres", logging,
                serviceLifecycle,
            ]
        ),
        tests(
            of: "Listener",
            [
                coreMetrics, httpTypes, hummingbird, hummingbirdCore, logging, nioCore, nioHTTP2, nioHTTPTypes,
                nioHTTPTypesHTTP2, nioPosix, nioSSL, serviceLifecycle,
            ]
        ),
        tests(
            of: "EventRoutes",
            [
                "Access", "CZlib", "Coverage", "EventModel", "EventReader", "EventSchema", "EventWriter", "Formats",
                "JSON",
                "Listener", "LiveTail", "Postgres", "PrometheusMetrics", "RateLimit", httpTypes, hummingbird,
                hummingbirdTesting, logging, metrics, nioCore, nioPosix,
                serviceLifecycle,
            ]
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["FuzzEngine", "TestSupport"],
            path: "Tests/FuzzTests",
            swiftSettings: settings
        ),
        // The built programs, as processes.
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "kee-collector", "kee-query", "kee-fake-apiserver", "ChaosHarness", "HTTPTransfer", "JSON", "Postgres",
                "TestSupport",
            ],
            path: "Tests/IntegrationTests",
            swiftSettings: settings
        ),
    ]
)

// While working on some modules: KEE_TEST_TARGETS="EventReaderTests EventRoutesTests" builds the tests of these only.
if let wanted = Context.environment["KEE_TEST_TARGETS"] {
    package.targets.removeAll { $0.type == .test && !wanted.split(separator: " ").contains(Substring($0.name)) }
}
