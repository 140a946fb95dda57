import Foundation
import Testing

@testable import Postgres

/// Deadlines, cancellations and threads.
@Suite struct WaitingTests {
    @Test func aDeadlineEndsTheStatementAndItsBackend() async throws {
        let database = try await freshDatabase()
        let connection = try await connect(to: database, setup: [withoutConnectionCheck])
        let observer = try await connect(to: database)
        let pid = try #require(await connection.backendPID)
        let start = ContinuousClock.now

        let error = await failure {
            try await connection.execute("SELECT pg_sleep(60)", deadline: .now + .milliseconds(100))
        }

        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(error?.kind == .deadlineExceeded)
        #expect(error?.isSafeToRetry == false)
        #expect(error?.isTransient == true)
        #expect(try await eventually { try await !observer.seesBackend(pid) })
        #expect(await failure { _ = try await connection.rows("SELECT 1") }?.kind == .connectionLost)
        await observer.close()
    }

    @Test(arguments: [false, true])
    func aCancelledTaskEndsTheStatementAndItsBackend(prepared: Bool) async throws {
        let database = try await freshDatabase()
        let connection = try await connect(to: database, setup: [withoutConnectionCheck])
        let observer = try await connect(to: database)
        let pid = try #require(await connection.backendPID)
        let task = Task {
            await failure {
                if prepared {
                    _ = try await connection.rows("SELECT pg_sleep(60)")
                } else {
                    try await connection.execute("SELECT pg_sleep(60)", deadline: soon)
                }
            }
        }
        let isSleeping = try await eventually {
            try await observer.rows(
                "SELECT FROM pg_stat_activity WHERE pid = \(pid) AND wait_event = 'PgSleep'"
            ).rowCount == 1
        }
        #expect(isSleeping)

        task.cancel()

        let error = await task.value
        #expect(error?.kind == .cancelled)
        #expect(error?.isSafeToRetry == false)
        #expect(error?.isTransient == false)
        #expect(try await eventually { try await !observer.seesBackend(pid) })
        await observer.close()
    }

    @Test func whatIsOverBeforeItBeginsLeavesTheConnectionAsItWas() async throws {
        let connection = try await connect()
        let late = await failure { try await connection.execute("SELECT 1", deadline: .now) }
        #expect(late?.kind == .deadlineExceeded)
        #expect(late?.isSafeToRetry == true)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await failure { try await connection.execute("SELECT 1", deadline: soon) }
        }
        let cancelled = await task.value
        #expect(cancelled?.kind == .cancelled)
        #expect(cancelled?.isSafeToRetry == true)
        #expect(try await connection.rows("SELECT 1").rowCount == 1)
        await connection.close()
    }

    @Test func sleepingStatementsBlockNobody() async throws {
        let database = try await freshDatabase()
        let count = 32
        let connections = try await withThrowingTaskGroup(of: PostgresConnection.self) { group in
            for _ in 0..<count { group.addTask { try await connect(to: database) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let start = ContinuousClock.now
        // More of them than the pool has threads, and each sleeps until it sees all others asleep.
        let turns = try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in connections {
                group.addTask { try await connection.execute("SELECT pg_sleep(0.3)", deadline: soon) }
            }
            var turns = 0
            while ContinuousClock.now - start < .milliseconds(200) {
                await Task.yield()
                turns += 1
            }
            try await group.waitForAll()
            return turns
        }
        let duration = ContinuousClock.now - start
        #expect(turns > 100)
        // One after another, or two at a time, they would take 4.8 seconds and more.
        #expect(duration < .seconds(4))
        for connection in connections { await connection.close() }
    }

    @Test func theThreadEndsWithTheConnection() async throws {
        let database = try await freshDatabase()
        weak var thread: ConnectionThread?
        for end in ["closed", "deallocated", "given up"] {
            let taskPath: String
            do {
                let connection = try await connect(to: database)
                thread = connection.thread
                taskPath = await self.taskPath(of: connection.thread)
                #expect(FileManager.default.fileExists(atPath: taskPath))
                switch end {
                case "closed": await connection.close()
                case "given up":
                    try? await connection.execute("SELECT pg_sleep(60)", deadline: .now + .milliseconds(20))
                default: break
                }
            }
            #expect(try await eventually { !FileManager.default.fileExists(atPath: taskPath) }, "\(end)")
            #expect(try await eventually { thread == nil }, "\(end)")
        }
    }

    @Test func aFailedConnectLeavesNoThread() async throws {
        let port = try LocalPort(.refusing)
        let attempt = try ConnectAttempt(
            PostgresConfiguration(connectionString: "host=127.0.0.1 port=\(port.number)")
        )
        let taskPath = await taskPath(of: attempt.thread)
        guard case .failure = await attempt.session(deadline: soon) else {
            Issue.record("it connected")
            return
        }
        #expect(try await eventually { !FileManager.default.fileExists(atPath: taskPath) })
    }

    @Test func aClosedConnectionAnswersStill() async throws {
        let connection = try await connect()
        let thread = connection.thread
        let taskPath = await taskPath(of: thread)
        await connection.close()
        #expect(try await eventually { !FileManager.default.fileExists(atPath: taskPath) })
        let error = await failure { _ = try await connection.rows("SELECT 1") }
        #expect(error?.kind == .connectionLost)
        #expect(error?.isSafeToRetry == true)
        #expect(await connection.backendPID == nil)
        await connection.close()
    }

    @Test(arguments: [Interruption.deadline, .cancelled])
    func aCallerLeavesAThreadThatHangsInNameResolution(reason: Interruption) async throws {
        let database = try await freshDatabase()
        let attempt = try ConnectAttempt(
            PostgresConfiguration(connectionString: database)
        )
        let taskPath = await taskPath(of: attempt.thread)
        // The thread hangs, as it would in getaddrinfo.
        let resolver = DispatchSemaphore(value: 0)
        attempt.thread.perform { resolver.wait() }
        let task = Task {
            await attempt.session(deadline: reason == .deadline ? .now + .milliseconds(50) : soon)
        }
        if reason == .cancelled { task.cancel() }
        guard case .failure(let error) = await task.value else {
            Issue.record("it connected")
            return
        }
        #expect(error.kind == (reason == .deadline ? .deadlineExceeded : .cancelled))
        #expect(error.isSafeToRetry)
        resolver.signal()
        #expect(try await eventually { !FileManager.default.fileExists(atPath: taskPath) })
    }

    /// Where the system shows the thread as long as it exists.
    private func taskPath(of thread: ConnectionThread) async -> String {
        await withCheckedContinuation { continuation in
            thread.perform {
                let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
                continuation.resume(returning: "/proc/" + (link ?? "unknown"))
            }
        }
    }
}
