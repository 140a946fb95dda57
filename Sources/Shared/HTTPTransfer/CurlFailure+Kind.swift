#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension CurlFailure {
    /// What a failure means for the caller. libcurl has one code for several things; where it matters which, only its
    /// text tells them apart.
    func kind(hasSent: Bool) -> HTTPTransferError.Kind {
        switch reason {
        case .resolve: .resolve
        case .connect: systemError == ECONNREFUSED || holds("onnection refused") ? .refused : .connect
        // The connect timeout is the only one that libcurl is told of.
        case .timeout: .connectTimeout
        // A server that dies in the handshake says nothing about trust.
        case .tls: holds("SSL_ERROR_SYSCALL") || holds("reset by peer") || holds("unexpected eof") ? .connect : .tls
        case .ended where !hasSent: .connect
        case .ended where holds("chunked-encoding") || holds("Too large response headers"): .protocol
        // With TLS 1.3 a server refuses the client's certificate after the handshake, by an alert.
        case .ended where holds(" alert "): .tls
        case .ended: .truncated
        case .stopped: .cancelled
        case .other: .protocol
        }
    }

    private func holds(_ words: String) -> Bool {
        text.utf8.count >= words.utf8.count && text.contains(words)
    }
}
