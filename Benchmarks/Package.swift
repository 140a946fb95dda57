// swift-tools-version:6.2
import PackageDescription

/// As in the package above.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "kee-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        // `kee-query` is built from here as well, so that nothing is compiled twice.
        .package(name: "kee", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .executableTarget(
            name: "kee-bench",
            dependencies: [
                .product(name: "Archive", package: "kee"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        )
    ]
)
