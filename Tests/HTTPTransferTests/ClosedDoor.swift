#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A port of 127.0.0.1 where nothing gets through, in one of three ways.
final class ClosedDoor {
    enum Way {
        /// Nobody listens: the kernel refuses.
        case refuses
        /// The kernel accepts, and nobody ever speaks.
        case accepts
        /// The queue of connections is full: the kernel drops what comes.
        case drops
    }

    let port: Int
    private var descriptors: [Int32] = []

    init(_ way: Way) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptors.append(listener)
        var address = Self.address(port: 0)
        Self.with(&address) { _ = bind(listener, $0, $1) }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutableBytes(of: &address) { bytes in
            getsockname(listener, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &length)
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        switch way {
        // Bound but not listening keeps the port from everybody else.
        case .refuses: break
        case .accepts: listen(listener, 64)
        case .drops:
            listen(listener, 0)
            for _ in 1...4 {
                let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                descriptors.append(filler)
                Self.with(&address) { _ = connect(filler, $0, $1) }
            }
        }
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private static func with(_ address: inout sockaddr_in, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Void) {
        withUnsafeBytes(of: &address) { bytes in
            bytes.assumingMemoryBound(to: sockaddr.self).baseAddress.map { call($0, socklen_t(bytes.count)) }
        }
    }
}
