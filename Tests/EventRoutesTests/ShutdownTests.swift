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
}
