internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What the system says of a failed socket call, without the names of the calls: `Connection refused`.
enum NetworkReason {
    static func text(_ error: any Error) -> String {
        switch error {
        case let error as IOError:
            return String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return text(first.error) }
            return "the host name '\(error.host)' is not known"
        case SocketAddressError.unknown(let host, _):
            return "the host name '\(host)' is not known"
        default:
            return "\(error)"
        }
    }
}
