import Logging

/// One session at the server: sends statements and waits for their answers, blocking.
///
/// `@unchecked Sendable`: it is made and used on its connection's thread alone, and touched elsewhere only after that
/// thread has ended (see `ConnectionThread`), when it is closed.
final class Session: @unchecked Sendable {
    let status = SessionStatus()
    let wait: SocketWait
    let logger: Logger
    let libpq: LibpqConnection
    /// For the pool's look at an idle connection.
    let socket: Int32
    private(set) var isOpen = true
    /// Something was sent whose answer has not come in whole.
    private(set) var isStatementUnderWay = false
    var statements = StatementCache()

    init(_ libpq: LibpqConnection, wait: SocketWait, logger: Logger) {
        self.libpq = libpq
        self.wait = wait
        self.logger = logger
        socket = libpq.socket
    }

    /// Frees the backend if it still works for us, and closes. Takes at most two seconds.
    func close() {
        isOpen = false
        status.set(.closed)
        if isStatementUnderWay && !libpq.isBroken { cancelBackend() }
        libpq.close()
    }

    /// No statement comes through here any more; `close` has yet to be called.
    func giveUp() {
        isOpen = false
        status.set(.closed)
    }

    // MARK: An operation's steps

    /// Checks that a statement can be sent. What is thrown here has reached no server.
    func begin(_ sql: String, _ limits: OperationLimits) throws(PostgresError) {
        guard isOpen else {
            throw PostgresError(
                .connectionLost,
                "the connection is closed",
                attempted: excerpt(of: sql),
                isSafeToRetry: true
            )
        }
        guard !sql.utf8.contains(0) else {
            throw PostgresError(
                .misuse,
                "the SQL contains U+0000",
                attempted: excerpt(of: sql),
                isSafeToRetry: true
            )
        }
        do throws(Interruption) {
            try limits.check()
        } catch {
            throw interrupted(error, sql, isSafeToRetry: true)
        }
        // A server that went away while the connection lay idle is found out before anything is sent.
        var looks = 0
        while !SocketWait.isQuiet(libpq.socket) && looks < 16 {
            looks += 1
            guard libpq.consumeInput(), !libpq.isBroken else {
                giveUp()
                throw PostgresError(
                    .connectionLost,
                    libpq.errorMessage.joinedLines,
                    attempted: excerpt(of: sql),
                    isSafeToRetry: true
                )
            }
        }
        status.set(.busy)
    }

    /// To be called when libpq has taken the first message of an operation.
    func didSend() { isStatementUnderWay = true }

    /// The next result, or nil when there is no more for this statement.
    func nextResult(_ limits: OperationLimits) throws(Interruption) -> LibpqResult? {
        while true {
            let flushed = libpq.flush()
            // With the connection lost, libpq still has what came in before, and then its own error.
            if libpq.isBroken || !libpq.isBusy { return libpq.nextResult() }
            let ready = try wait.wait(for: libpq.socket, flushed == .pending ? [.read, .write] : .read, limits)
            if ready == .read && !libpq.consumeInput() { return libpq.nextResult() }
        }
    }

    /// To be called when the last answer of an operation is in.
    func finish() {
        isStatementUnderWay = false
        switch libpq.transactionState {
        case .idle: status.set(.idle)
        case .open, .failed: status.set(.inTransaction)
        case .active, .unknown: giveUp()
        }
    }

    // MARK: Errors

    func interrupted(_ reason: Interruption, _ sql: String, isSafeToRetry: Bool) -> PostgresError {
        switch reason {
        case .deadline:
            PostgresError(
                .deadlineExceeded,
                "the deadline passed",
                attempted: excerpt(of: sql),
                isSafeToRetry: isSafeToRetry
            )
        case .cancelled:
            PostgresError(
                .cancelled,
                "the task was cancelled",
                attempted: excerpt(of: sql),
                isSafeToRetry: isSafeToRetry
            )
        }
    }

    /// libpq did not take a statement: what it has queued may be half a message, so the connection is of no use.
    func refusedToSend(_ sql: String) -> PostgresError {
        let lost = libpq.isBroken
        giveUp()
        return PostgresError(
            lost ? .connectionLost : .misuse,
            libpq.errorMessage.joinedLines,
            attempted: excerpt(of: sql),
            isSafeToRetry: !isStatementUnderWay
        )
    }

    /// The error for what the server or libpq said, after `finish`.
    func failure(_ message: ServerMessage?, _ sql: String, after tags: [String]) -> PostgresError {
        guard !libpq.isBroken else {
            giveUp()
            let text = [message?.oneLine, libpq.errorMessage.joinedLines].compactMap(\.self).first { !$0.isEmpty }
            return PostgresError(
                .connectionLost,
                text ?? "the connection was lost",
                attempted: excerpt(of: sql),
                sqlState: message?.sqlState.nonEmpty,
                isSafeToRetry: false
            )
        }
        let message = message ?? ServerMessage(text: "no answer from the server")
        guard let sqlState = message.sqlState.nonEmpty else {
            giveUp()
            return PostgresError(.misuse, message.oneLine, attempted: excerpt(of: sql), isSafeToRetry: false)
        }
        // An error rolls back, but not what an earlier statement of the same request has committed. 40003 says that
        // the outcome is unknown.
        let isKept = tags.contains { tag in
            ["COMMIT", "PREPARE TRANSACTION", "CALL", "DO"].contains { tag.hasPrefix($0) }
        }
        return PostgresError(
            .server(sqlState),
            message.oneLine,
            attempted: excerpt(of: sql),
            sqlState: sqlState,
            isSafeToRetry: !isKept && !message.isFatal && sqlState != "40003"
        )
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
