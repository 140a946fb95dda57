import Logging

extension Session {
    /// Connects and makes the session ready, on the present thread.
    static func open(
        _ configuration: PostgresConfiguration,
        wait: SocketWait,
        logger: Logger,
        _ limits: OperationLimits
    ) throws(PostgresError) -> Session {
        let connector = Connector(configuration: configuration, wait: wait, logger: logger)
        let session = Session(try connector.connect(limits), wait: wait, logger: logger)
        do throws(PostgresError) {
            try session.setUp(configuration, limits)
        } catch {
            session.close()
            let isOver = error.kind == .deadlineExceeded || error.kind == .cancelled
            throw PostgresError(
                isOver ? error.kind : .connecting,
                "\(error.attempted): \(error.message)",
                attempted: connector.attempted,
                sqlState: error.sqlState,
                isSafeToRetry: true
            )
        }
        return session
    }

    private func setUp(_ configuration: PostgresConfiguration, _ limits: OperationLimits) throws(PostgresError) {
        // Lets the backend of a long statement notice that its client is gone (PostgreSQL 14). Servers on systems
        // without POLLRDHUP refuse it, which is no harm.
        if libpq.serverVersion >= 140_000 {
            do throws(PostgresError) {
                try execute("SET client_connection_check_interval = '5s'", limits)
            } catch {
                guard case .server = error.kind else { throw error }
            }
        }
        for sql in configuration.sessionSetup { try execute(sql, limits) }
    }

    /// Asks the server to cancel what our backend is doing, over a second connection to the same server: PQcancel would
    /// do so in the clear, and block without a limit.
    ///
    /// Our own connection stays open meanwhile, so that the PID cannot be another session's.
    func cancelBackend() {
        let limits = OperationLimits(deadline: .now + .seconds(2), cancellation: .none)
        do throws(Connector.ConnectFailure) {
            let other = try Connector.connect(
                libpq.parametersOfThisServer,
                wait: wait,
                logger: logger,
                limits,
                attemptDeadline: limits.deadline
            )
            let session = Session(other, wait: wait, logger: logger)
            do throws(PostgresError) {
                try session.execute("SELECT pg_catalog.pg_cancel_backend(\(libpq.backendPID))", limits)
            } catch {
                logger.debug("a statement could not be cancelled", metadata: ["error": "\(error)"])
            }
            other.close()
        } catch {
            logger.debug("a statement could not be cancelled: no second connection in two seconds")
        }
    }
}
