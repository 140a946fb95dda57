import TestSupport
import Testing

@testable import Spool

#if os(Linux)
    import Glibc

    @Suite("A spool on a disk that is really full") struct FullDiskTests {
        /// A file system of 1 MB; nil where mounting is not permitted.
        private final class SmallDisk {
            let folder: TemporaryDirectory
            var directory: String { folder.path + "/disk" }

            init?() throws {
                folder = try TemporaryDirectory()
                guard mkdir(directory, 0o700) == 0, mount("tmpfs", directory, "tmpfs", 0, "size=1m") == 0 else {
                    return nil
                }
            }

            deinit { umount2(directory, Int32(MNT_DETACH)) }
        }

        private static let canMount = (try? SmallDisk()) != nil

        @Test(.enabled(if: canMount, "mounting a tmpfs needs root and CAP_SYS_ADMIN"))
        func saysSoAndKeepsWhatItHas() async throws {
            let disk = try #require(try SmallDisk())
            func open() async throws -> Spool {
                let directory = disk.directory + "/spool"
                return try await Spool.open(directory: directory, maxBytes: 64 << 20, cluster: "prod", logger: .silent)
            }
            var taken = 0
            try await open().use { spool in
                await #expect {
                    while true {
                        try await spool.append(.numbered(taken, bytes: 10_000))
                        taken += 1
                    }
                } throws: { error in
                    (error as? SpoolError)?.isDiskFull == true
                }
                #expect(taken > 50)
                // As soon as there is room again it goes on.
                let first = try #require(try await spool.next(maxEvents: taken))
                #expect(first.records.map(\.number) == Array(0..<taken))
                await spool.acknowledge(first)
                try await spool.append(.numbered(taken, bytes: 10_000))
            }
            try await open().use { spool in
                #expect(spool.lastPosition(namespace: nil) == .at(taken))
                let rest = try await spool.drain()
                #expect(rest.map(\.number) == [taken])
            }
        }
    }
#endif
