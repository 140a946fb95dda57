import HTTPTransfer
import Testing

/// A client for one test; afterwards its thread and connections are gone.
func withClient<Result: Sendable>(
    _ limits: HTTPClientLimits = HTTPClientLimits(),
    _ body: @Sendable (HTTPClient) async throws -> Result
) async throws -> Result {
    let client = HTTPClient(limits: limits)
    do {
        let result = try await body(client)
        await client.shutdownAndWait()
        return result
    } catch {
        await client.shutdownAndWait()
        throw error
    }
}

/// Looks until a thing is so. The suite's time limit bounds it.
func eventually(_ isSo: () -> Bool) async throws {
    while !isSo() { try await Task.sleep(for: .milliseconds(2)) }
}

/// The failure of a call that must fail.
func failure(_ call: () async throws -> some Any) async throws -> HTTPTransferError {
    do {
        let result = try await call()
        Issue.record("there was no failure but \(result)")
        throw HTTPTransferError(kind: .invalidRequest, message: "there was no failure")
    } catch let error as HTTPTransferError {
        return error
    }
}

func text(_ bytes: [UInt8]?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
}

extension HTTPBody {
    /// The whole body as text.
    func text() async throws -> String {
        String(decoding: try await collect(upTo: 1 << 20), as: UTF8.self)
    }
}
