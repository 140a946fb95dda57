import EventWriter
import Postgres
import TestSupport
import Testing

@Suite("A cluster's name belongs to one cluster")
struct ClusterRegistrationTests {
    private func admit(
        _ archive: TestArchive,
        uid: String? = nil,
        authorities: Set<String> = [],
        adopts: Bool = false
    ) async throws {
        try await ClusterRegistration.admit(
            ClusterEvidence(kubeSystemUID: uid, authorityHashes: authorities),
            as: "c",
            adopts: adopts,
            in: archive.writing,
            deadline: TestArchive.soon
        )
    }

    private func isRefused(_ archive: TestArchive, uid: String? = nil, authorities: Set<String> = []) async throws
        -> Bool
    {
        do {
            try await admit(archive, uid: uid, authorities: authorities)
            return false
        } catch is ClusterMismatch {
            return true
        }
    }

    @Test func theUIDCountsMoreThanTheAuthority() async throws {
        let archive = try await TestArchive()
        try await admit(archive, uid: "u1", authorities: ["a"])
        // The authority was exchanged.
        try await admit(archive, uid: "u1", authorities: ["b"])
        #expect(try await isRefused(archive, uid: "u2", authorities: ["b"]))
        // Who may not read the uid is known by the authority, which is now the other one.
        try await admit(archive, authorities: ["b"])
        #expect(try await isRefused(archive, authorities: ["a"]))
        await archive.close()
    }

    @Test func anAuthorityThatIsBeingExchangedOverlaps() async throws {
        let archive = try await TestArchive()
        try await admit(archive, authorities: ["a"])
        try await admit(archive, authorities: ["a", "b"])
        try await admit(archive, authorities: ["b"])
        #expect(try await isRefused(archive, authorities: ["a"]))
        await archive.close()
    }

    @Test func withoutEvidenceNobodyIsRefused() async throws {
        let archive = try await TestArchive()
        try await admit(archive)
        try await admit(archive, uid: "u1")
        try await admit(archive)
        // The one who knew nothing has not wiped out what was known.
        #expect(try await isRefused(archive, uid: "u2"))
        await archive.close()
    }

    @Test func adoptingForgetsWhereTheOtherClusterWas() async throws {
        let archive = try await TestArchive()
        try await admit(archive, uid: "u1", authorities: ["a"])
        try await archive.execute(
            """
            INSERT INTO kee.watch_cursor SELECT cluster_id, '', '5', now(), now(), 'first' FROM kee.cluster;
            INSERT INTO kee.coverage SELECT cluster_id, '', now(), now(), 'first' FROM kee.cluster
            """
        )
        try await admit(archive, uid: "u1", adopts: true)
        #expect(try await archive.value("SELECT count(*) FROM kee.watch_cursor") == "1")
        try await admit(archive, uid: "u2", adopts: true)
        #expect(try await archive.value("SELECT count(*) FROM kee.watch_cursor") == "0")
        #expect(try await archive.value("SELECT count(*) FROM kee.coverage") == "1")
        #expect(try await isRefused(archive, uid: "u1"))
        try await admit(archive, authorities: ["x"])
        await archive.close()
    }

    @Test func ofTwoFirstCollectorsOneWins() async throws {
        let archive = try await TestArchive()
        let admitted = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<6 {
                group.addTask { (try? await admit(archive, uid: "u\(number)")) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(admitted == 1)
        await archive.close()
    }
}
