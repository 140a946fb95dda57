import HTTPTypes
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import EventRoutes

@Suite("Shutdown")
struct ShutdownTests {
    @Test func whatIsUnderWayIsFinishedAndNothingNewIsTaken() async throws {
        let served = try ServedAPI()
        let port = Observed(0)
        let isAsked = Observed(false)
        let mayAnswer = Observed(false)
        served.repository.change { state in
            state.gate = {
                isAsked.change { $0 = true }
                _ = try? await mayAnswer.wait(until: { $0 })
            }
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [served.application(onListening: { bound in port.change { $0 = bound } })],
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let bound = try await port.wait(until: { $0 != 0 })
            tasks.addTask {
                let text = try await answer(to: "GET /events/prod HTTP/1.1\r\nHost: x\r\n\r\n", port: bound)
                #expect(text.hasPrefix("HTTP/1.1 200 "))
                #expect(text.contains("\"EventList\""))
            }
            _ = try await isAsked.wait(until: { $0 })
            await group.triggerGracefulShutdown()
            // The listener is closed before the answer is given.
            var isRefused = false
            for _ in 0..<10_000 where !isRefused {
                do {
                    _ = try await answer(to: "", port: bound)
                } catch {
                    isRefused = true
                }
            }
            #expect(isRefused)
            mayAnswer.change { $0 = true }
            try await tasks.waitForAll()
        }
    }

    /// The group cancels what is not done in time; a client that does not read must not hold it up even then.
    @Test func aClientThatDoesNotReadIsLeftBehind() async throws {
        let served = try ServedAPI(.filled(1_000))
        let port = Observed(0)
        let application = served.application(onListening: { bound in port.change { $0 = bound } })
        var configuration = ServiceGroupConfiguration(
            services: [application],
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        configuration.maximumGracefulShutdownDuration = .milliseconds(200)
        let group = ServiceGroup(configuration: configuration)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await group.run() }
            let bound = try await port.wait(until: { $0 != 0 })
            var clients: [SilentClient] = []
            for _ in 0..<3 { clients.append(try await SilentClient(port: bound)) }
            for client in clients {
                try await client.write(
                    String(repeating: "GET /events/prod?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n", count: 2_000)
                )
            }
            // Until the sockets' buffers are full: no event tells of that, only that no further page is asked for.
            var asked = -1
            while served.repository.read({ $0.questions.count }) != asked {
                asked = served.repository.read { $0.questions.count }
                try await Task.sleep(for: .milliseconds(300))
            }
            #expect(asked > 0)
            #expect(asked < 6_000)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            for client in clients { try await client.close() }
        }
        #expect(start.duration(to: .now) < .seconds(60))
    }
}
