import Dispatch

/// A file with events, or standard input.
///
/// It may hold EventLists, Lists, arrays and single Events, the frames of a watch, one behind the other with or without
/// line breaks, as JSON or as YAML, in UTF-8 or UTF-16, and all that in gzip.
///
/// Memory is bounded by the longest document or element of a list, not by the length of the file, and by three batches:
/// one being made, one ready, one with the caller.
public struct ReplayFile: Sendable {
    /// As it was given.
    public let path: String
    private let limits: ReplayLimits

    /// - Parameter path: "-" is standard input.
    public init(path: String, limits: ReplayLimits = ReplayLimits()) {
        (self.path, self.limits) = (path, limits)
    }

    /// Reads the file on a thread of its own, and calls `body` for each batch in order; an empty file has none.
    ///
    /// Reading waits for `body`, and a batch is handed on before it is full when the input makes one wait.
    ///
    /// - Parameters:
    ///   - count: how many items a batch has at most.
    ///   - maxBytes: of text; a batch is complete with the item that reaches it.
    /// - Throws: `ReplayError` after everything that could be read, what `body` throws, and `CancellationError`.
    public func forEachBatch(
        of count: Int = 1000,
        maxBytes: Int = 8 << 20,
        isolation: isolated (any Actor)? = #isolation,
        _ body: ([ReplayItem]) async throws -> Void
    ) async throws {
        try Task.checkCancellation()
        guard let wake = WakePipe() else {
            throw ReplayError.cannotOpen(path: path, reason: "no file descriptor is left")
        }
        let handover = BatchHandover(wake: wake)
        let reading = Reading(path: path, limits: limits, count: count, maxBytes: maxBytes, wake: wake)
        DispatchQueue(label: "kee.replay").async { handover.end(reading.run(handover)) }
        try await withTaskCancellationHandler {
            do {
                while let batch = try await handover.next() { try await body(batch) }
            } catch {
                handover.cancel()
                await handover.waitForEnd()
                throw error
            }
        } onCancel: {
            handover.cancel()
        }
    }
}

/// What the thread does.
private struct Reading: Sendable {
    let path: String
    let limits: ReplayLimits
    let count: Int
    let maxBytes: Int
    let wake: WakePipe

    /// Returns why the file was not read to its end.
    func run(_ handover: BatchHandover) -> ReplayError? {
        let batch = BatchBuilder(count: count, maxBytes: maxBytes, handover: handover)
        do {
            let input = try FileInput(path: path, wake: wake)
            var content = ContentReader(path: path, limits: limits)
            var failure: ReplayError?
            do throws(ReplayError) {
                guard try read(input, into: &content, batch, handover) else { return nil }
            } catch {
                failure = error
            }
            // What was complete before a failure is handed on, and what it cut off is rejected.
            try content.finish { try batch.add($0) }
            try batch.flush()
            return failure ?? content.failure
        } catch {
            // Otherwise nobody takes the rest.
            return error as? ReplayError
        }
    }

    /// Says whether anybody still wants the rest.
    private func read(
        _ input: FileInput,
        into content: inout ContentReader,
        _ batch: BatchBuilder,
        _ handover: BatchHandover
    ) throws(ReplayError) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limits.chunk, alignment: 16)
        defer { buffer.deallocate() }
        while content.failure == nil {
            do {
                if !input.isReady { try batch.flush() }
                if handover.isCancelled { return false }
            } catch {
                return false
            }
            switch try input.read(into: buffer) {
            case .interrupted: return false
            case .end: return true
            case .bytes(let count):
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                do {
                    try content.read(bytes.bindMemory(to: UInt8.self)) { try batch.add($0) }
                } catch {
                    return false
                }
            }
        }
        return true
    }
}
