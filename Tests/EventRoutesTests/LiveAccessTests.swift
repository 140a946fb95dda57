import Access
import EventModel
import EventReader
import EventWriter
import HummingbirdTesting
import LiveTail
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import EventRoutes

@Suite("Who may listen to what", .timeLimit(.minutes(3)))
struct LiveAccessTests {
    private func access(_ file: String) async throws -> AccessControl {
        var settings = AccessSettings(modes: [.token])
        settings.tokenFile = file
        return try await AccessControl.build(settings, version: "1", logger: Logger(label: "test")) { _, _, _ in [] }
    }

    private func mixed(_ numbers: Range<Int>) throws -> [Event] {
        try numbers.map {
            try Event.sample($0, namespace: $0.isMultiple(of: 2) ? "mine" : "theirs", message: "number \($0)")
        }
    }

    @Test func nothingOfAnotherNamespaceIsHeardAndATokenThatIsTakenBackEndsTheStream() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        _ = try await writer.write(mixed(0..<2), deadline: TestArchive.soon)
        let made = try NewToken(name: "me", grants: ["c/mine"])
        let folder = try TemporaryDirectory()
        let file = try folder.write(made.line.utf8, to: "tokens")
        var served = try ServedAPI(over: archive.reader)
        served.feed = archive.reader
        served.settings.live.pollInterval = .milliseconds(20)
        served.settings.visibilityInterval = .milliseconds(100)
        served.settings.access = try await access(file)
        let (services, api) = (served.settings.access.services, served)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            defer { group.cancelAll() }
            try await api.run { client in
                let port = try #require(client.port)
                for (path, status) in [("/events", "401"), ("/events/c/mine", "401")] {
                    let refused = try await LiveClient(port: port, path: path).read { _ in true }
                    #expect(refused.head.hasPrefix("HTTP/1.1 \(status)"))
                }
                for path in ["/events/c/theirs", "/events/d"] {
                    let refused = try await LiveClient(port: port, path: path, token: made.token).read { _ in true }
                    #expect(refused.head.hasPrefix("HTTP/1.1 403"), "\(path)")
                }
                try await withThrowingTaskGroup(of: Void.self) { clients in
                    let (open, heard) = (Observed(0), Observed(0))
                    for path in ["/events", "/events/c", "/events/c/mine", "/events?q=number&reason=BackOff"] {
                        clients.addTask {
                            let reading = try await LiveClient(port: port, path: path, token: made.token).read {
                                reading in
                                if reading.messages.isEmpty { open.change { $0 += 1 } }
                                if reading.messages.count == 20 { heard.change { $0 += 1 } }
                                return false
                            }
                            #expect(reading.hasEnded)
                            let uids = try reading.messages.map { try $0.uid }.sorted()
                            #expect(uids == (1...20).map { "uid-\($0 * 2)" }.sorted(), "\(path)")
                        }
                    }
                    try await open.wait { $0 >= 4 }
                    _ = try await writer.write(mixed(2..<42), deadline: TestArchive.soon)
                    try await heard.wait { $0 == 4 }
                    // The token is taken back: the streams end, each with its last chunk.
                    _ = try folder.write("# nobody\n".utf8, to: "tokens")
                    try await clients.waitForAll()
                }
            }
        }
        await archive.close()
    }
}
