public import Logging

/// One session at a PostgreSQL server.
///
/// Everything blocking happens on one thread that belongs to this connection and ends with it. Statements run one after
/// another; a task that needs several of them in a row, a transaction say, must have the connection to itself (see
/// `PostgresPool`). When a deadline passes or a task is cancelled under a statement, the caller gets its error at once;
/// the server is asked to cancel the statement, and the connection is closed.
public actor PostgresConnection {
    private let thread: ConnectionThread
    private let session: Session
    private let wait: SocketWait
    nonisolated let status: SessionStatus
    private nonisolated let socket: Int32
    private var isClosing = false

    /// Jobs of this actor run on the connection's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init(_ session: Session, _ attempt: ConnectAttempt) {
        self.session = session
        thread = attempt.thread
        wait = attempt.wait
        status = session.status
        socket = session.socket
    }

    deinit { thread.stop() }

    /// Opens a session. Name resolution, TLS and login happen on the new connection's own thread.
    ///
    /// - Parameters:
    ///   - deadline: when to give up, for all hosts together.
    ///   - logger: gets the server's notices, at debug level.
    /// - Throws: `connecting`, `deadlineExceeded`, `cancelled`, or `misuse` for a wrong connection string; always safe
    ///   to retry.
    public static func connect(
        _ configuration: PostgresConfiguration,
        deadline: ContinuousClock.Instant,
        logger: Logger = Logger(label: "kee.postgres")
    ) async throws(PostgresError) -> PostgresConnection {
        let attempt = try ConnectAttempt(configuration, logger: logger)
        let session = try await attempt.session(deadline: deadline).get()
        return PostgresConnection(session, attempt)
    }

    /// Runs one statement with binary parameters, and returns its rows.
    ///
    /// - Throws: `server` with the SQLSTATE, `connectionLost`, `deadlineExceeded`, `cancelled` or `misuse`.
    public func query(
        _ statement: PostgresStatement,
        _ parameters: PostgresParameters = PostgresParameters(),
        deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> PostgresResult {
        try await run(deadline) { (session, limits) throws(PostgresError) in
            try session.query(statement, parameters, limits)
        }
    }

    /// Runs SQL text without parameters, several statements if need be, and discards their rows.
    ///
    /// Without BEGIN and COMMIT in the text, all of it is one transaction.
    ///
    /// - Throws: as `query`.
    public func execute(_ sql: String, deadline: ContinuousClock.Instant) async throws(PostgresError) {
        try await run(deadline) { (session, limits) throws(PostgresError) in try session.execute(sql, limits) }
    }

    /// Runs up to 64 statements in one round trip, and returns their results in order.
    ///
    /// They are one transaction, with no BEGIN or COMMIT among them: after an error none of them is applied.
    ///
    /// - Throws: as `query`; the first error.
    public func pipeline(
        _ statements: [(PostgresStatement, PostgresParameters)],
        deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [PostgresResult] {
        try await run(deadline) { (session, limits) throws(PostgresError) in
            try session.pipeline(statements, limits)
        }
    }

    /// Ends the session and its thread. A closed connection throws `connectionLost` at every use.
    public func close() {
        session.close()
        isClosing = true
        thread.stop()
    }

    /// As `close`, without waiting for it.
    public nonisolated func closeLater() {
        status.set(.closed)
        thread.perform { [session] in session.close() }
        thread.stop()
    }

    /// The process at the server that serves this session, as `pg_stat_activity.pid`; nil when closed.
    public var backendPID: Int32? { session.isOpen ? session.libpq.backendPID : nil }

    /// Whether the session is encrypted.
    public var usesTLS: Bool { session.isOpen && session.libpq.usesTLS }

    /// The session lies idle and nothing has come in unasked, such as the news of the server's end. To be asked only by
    /// whoever owns the connection, with nothing under way.
    nonisolated var isReusable: Bool { status.current == .idle && SocketWait.isQuiet(socket) }

    /// Rolls back within two seconds, even if the task is cancelled. Without success the connection is closed.
    func rollback() {
        let limits = OperationLimits(deadline: .now + .seconds(2), cancellation: .none)
        do throws(PostgresError) {
            try session.execute("ROLLBACK", limits)
        } catch {
            session.giveUp()
        }
        closeIfGivenUp()
    }

    /// How many statements are prepared.
    var preparedStatementCount: Int { session.statements.count }

    /// Runs a blocking operation on this thread, and wakes it when the task is cancelled.
    private func run<Value: Sendable>(
        _ deadline: ContinuousClock.Instant,
        _ operation: (Session, OperationLimits) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let limits = OperationLimits(deadline: deadline, cancellation: .task)
        let outcome: Result<Value, PostgresError> = await withTaskCancellationHandler {
            Result { () throws(PostgresError) in try operation(session, limits) }
        } onCancel: { [wait] in
            wait.wake()
        }
        closeIfGivenUp()
        return try outcome.get()
    }

    /// Leaves the rest to the thread, so that the caller has its error at once.
    private func closeIfGivenUp() {
        guard !session.isOpen, !isClosing else { return }
        isClosing = true
        thread.perform { [session] in session.close() }
        thread.stop()
    }
}
