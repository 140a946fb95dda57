public import CoreMetrics
public import Logging
internal import NIOPosix
internal import NIOSSL
public import ServiceLifecycle
internal import Synchronization

/// The certificate of the event listener, read again as long as it runs.
///
/// New connections get the newest good pair; those that there are keep theirs. A pair that cannot be used (half written,
/// a key of another certificate, no PEM) changes nothing but the log and `tls_reload_failures_total`.
public final class TLSCertificate: Service {
    /// How often the files are looked at. A Secret that is mounted into a pod changes up to a minute after it was written,
    /// so this adds little; a few kilobytes are read.
    public static let interval: Duration = .seconds(10)
    /// A chain of certificates has some kilobytes.
    static let largestFile = 1024 * 1024

    private struct State {
        var context: NIOSSLContext
        /// What was read last, good or not, so that each is tried and told of once.
        var files: TLSFiles.Contents
    }

    private let files: TLSFiles
    private let interval: Duration
    private let logger: Logger
    private let state: Mutex<State>
    private let failures: Counter
    private let expiry: Gauge

    /// Reads the files, at start: it blocks.
    /// - Parameters:
    ///   - certificateFile: the certificate and those that signed it, in PEM, the server's own first.
    ///   - keyFile: its key in PEM, without a passphrase.
    /// - Throws: ``TLSCertificateError`` when they cannot be used.
    public init(
        certificateFile: String,
        keyFile: String,
        interval: Duration = TLSCertificate.interval,
        metrics: any MetricsFactory,
        logger: Logger
    ) throws(TLSCertificateError) {
        files = TLSFiles(certificate: certificateFile, key: keyFile)
        (self.interval, self.logger) = (interval, logger)
        failures = Counter(label: "tls_reload_failures_total", factory: metrics)
        expiry = Gauge(label: "tls_certificate_expiry_timestamp_seconds", factory: metrics)
        let contents = try files.read()
        let pair = try files.pair(contents)
        state = Mutex(State(context: pair.context, files: contents))
        expiry.record(pair.notAfter)
    }

    /// What a new connection is to use.
    var context: NIOSSLContext { state.withLock { $0.context } }

    /// Looks at the files until the graceful shutdown.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { [self] in
                while true {
                    try await Task.sleep(for: interval)
                    await reload()
                }
            }
        } catch is CancellationError {
            // The way it ends.
        }
    }

    /// Takes a new pair if there is one that can be used.
    func reload() async {
        do {
            // Files may lie on a network: not on the cooperative pool.
            let contents = try await NIOThreadPool.singleton.runIfActive { [files] in
                Result { () throws(TLSCertificateError) in try files.read() }
            }.get()
            guard (state.withLock { $0.files != contents }) else { return }
            do {
                let pair = try files.pair(contents)
                state.withLock { $0 = State(context: pair.context, files: contents) }
                expiry.record(pair.notAfter)
                logger.info("the TLS certificate was reloaded", metadata: ["certificate": "\(files.certificate)"])
            } catch {
                state.withLock { $0.files = contents }
                throw error
            }
        } catch is CancellationError {
            return
        } catch {
            failures.increment()
            logger.error("the TLS certificate is not reloaded; the old one stays", metadata: ["reason": "\(error)"])
        }
    }
}

/// Why a certificate cannot be used.
public struct TLSCertificateError: Error, Equatable, CustomStringConvertible {
    /// The file and the reason; nothing of a key.
    public let description: String
}
