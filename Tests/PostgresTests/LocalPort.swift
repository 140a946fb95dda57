import Foundation

/// A port of 127.0.0.1 that is no server.
final class LocalPort: Sendable {
    enum Behaviour {
        /// Takes connections and never says a word, as a host whose packets get lost.
        case silent
        /// Is taken, but nobody listens.
        case refusing
    }

    private let socket: Int32
    let number: Int

    init(_ behaviour: Behaviour) throws {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = withUnsafeMutableBytes(of: &address) { bytes in
            let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return bind(socket, address, length) == 0 && (behaviour == .refusing || listen(socket, 8) == 0)
                && getsockname(socket, address, &length) == 0
        }
        self.socket = socket
        number = Int(UInt16(bigEndian: address.sin_port))
        guard isReady else { throw POSIXError(.EADDRINUSE) }
    }

    deinit { close(socket) }
}
