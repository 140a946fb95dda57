import Foundation

extension ProgramRun {
    /// The program, beside the bundle or the program that this is in.
    public static func path(of program: String) throws -> String {
        for folder in folders {
            let path = folder.appending(path: program).path(percentEncoded: false)
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw ProgramFailure("\(program) is not beside the tests; build it: swift build --build-tests")
    }

    private static var folders: [URL] {
        // On Linux the bundle is a program; elsewhere a folder that a program of Xcode loads.
        let bundles = Bundle.allBundles.map(\.bundleURL).filter { $0.pathExtension == "xctest" }
        let programs = [Bundle.main.executableURL, CommandLine.arguments.first.map { URL(filePath: $0) }]
        return (bundles + programs.compactMap { $0 }).map { $0.deletingLastPathComponent() }
    }

    /// The environment of the tests without what would set up a program, and with what a test wants.
    static func environment(adding more: [String: String]) -> [String: String] {
        var all = ProcessInfo.processInfo.environment.filter { name, _ in
            !["KEE_", "PG", "KUBE"].contains(where: name.hasPrefix)
        }
        // No kubeconfig and no .pgpass of whoever runs the tests.
        all["HOME"] = "/nonexistent"
        return all.merging(more) { $1 }
    }
}
