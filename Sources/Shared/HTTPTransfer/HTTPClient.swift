public import Logging

/// Sends HTTP/1.1 requests with libcurl and streams their answers.
///
/// One thread, started with the first request, owns everything of libcurl; connections are kept and reused between
/// requests. Redirects are not followed. libcurl repeats a request once, on a fresh connection, when a reused one had
/// died before a byte of the answer came. Safe to use from any task.
public final class HTTPClient: Sendable {
    private let mailbox: Mailbox
    private let logger: Logger?

    /// A client. The logger hears, at debug level, of requests that failed; never of headers.
    public init(logger: Logger? = nil, limits: HTTPClientLimits = HTTPClientLimits()) {
        self.logger = logger
        mailbox = Mailbox(limits: limits)
    }

    /// As `shutdown`. A client with an answer whose body is still held does not go.
    deinit {
        mailbox.close()
    }

    /// Transfers that were sent and whose connection is not free yet, waiting ones included.
    public var unfinishedTransfers: Int { mailbox.unfinished }

    /// Sends a request and returns when the final status and all headers are here; 1xx answers are passed over.
    ///
    /// Any status is an answer, not an error. Cancelling the task aborts the transfer, before and after.
    public func send(_ request: HTTPRequest) async throws(HTTPTransferError) -> HTTPResponse {
        do throws(HTTPTransferError) {
            let transfer = Transfer(try PreparedRequest(request), mailbox: mailbox)
            let head = try await transfer.start()
            let lease = TransferLease(transfer, of: self)
            return HTTPResponse(status: head.status, headers: head.headers, body: HTTPBody(lease))
        } catch {
            logger?.debug("HTTP request failed", metadata: ["error": "\(error)"])
            throw error
        }
    }

    /// Ends all transfers with `.shutdown`, soon, and then the thread. Does not wait; nothing can be sent any more.
    public func shutdown() {
        mailbox.close()
    }

    /// As `shutdown`, and waits until the thread has closed all connections and freed everything.
    public func shutdownAndWait() async {
        mailbox.close()
        await mailbox.waitUntilClosed()
    }
}
