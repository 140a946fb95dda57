internal import NIOCore

/// How much of what was sent the other side's system has acknowledged.
enum SentBytes {
    #if os(Linux)
        /// `tcpi_bytes_acked` of Linux' `struct tcp_info` (since 4.1): at byte 120. glibc's own struct ends before it.
        private struct TCPInfo: Sendable {
            var head: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
            var middle: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)
            var bytesAcked: UInt64 = 0
        }

        private static let tcpInfo: CInt = 11
        private static let notSentLowWater: CInt = 25
    #endif

    /// Bytes that the kernel takes beyond what is on its way. Without it a client that does not read holds up to 4 MiB of
    /// the kernel's memory (`tcp_wmem`), and how it reads cannot be seen.
    static let kernelBuffer = 128 * 1024

    /// Bounds what the kernel holds for a connection; where it cannot be, nothing happens.
    static func boundKernelBuffer(of channel: any Channel) {
        #if os(Linux)
            let option = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: notSentLowWater))
            try? channel.syncOptions?.setOption(option, value: kernelBuffer)
        #endif
    }

    /// Calls back at once, on the event loop; with nil where the system does not tell.
    static func acknowledged(of channel: any Channel, _ told: @escaping (UInt64?) -> Void) {
        #if os(Linux)
            guard let provider = channel as? any SocketOptionProvider else { return told(nil) }
            let info: EventLoopFuture<TCPInfo> = provider.unsafeGetSocketOption(
                level: .init(rawValue: 6),
                name: .init(rawValue: tcpInfo)
            )
            info.assumeIsolated().whenComplete { result in
                switch result {
                case .success(let info): told(info.bytesAcked > 0 ? info.bytesAcked : nil)
                case .failure: told(nil)
                }
            }
        #else
            told(nil)
        #endif
    }
}
