import Foundation

extension PostgresServer {
    /// Runs something that blocks on a thread of Dispatch, so that no thread of Swift's pool waits for it.
    static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }

    /// A port of 127.0.0.1 that was free a moment ago, and that no other test is given meanwhile.
    static func freePort() throws -> Int {
        for port in RestartablePort.candidates() {
            let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isFree = withUnsafeMutableBytes(of: &address) { bytes in
                bind(socket, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, length) == 0
            }
            if isFree { return port }
        }
        throw PostgresServerFailure("no free port on 127.0.0.1 between 20000 and 30000")
    }
}
