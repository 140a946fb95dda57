/// What went wrong between us and the database, and whether it may be tried again.
///
/// It never contains a connection string or a password, and nothing of our parameters but what the server itself quotes
/// in its message ("Key (id)=(1) already exists").
public struct PostgresError: Error, Sendable, Equatable {
    /// Which part failed.
    public enum Kind: Sendable, Hashable {
        /// No session could be had: the server did not answer, refused, or the login failed.
        case connecting
        /// The server refused a statement, with this SQLSTATE.
        case server(String)
        /// The session ended under the statement. The connection is closed.
        case connectionLost
        /// The caller's deadline passed. A connection that had a statement under way is closed.
        case deadlineExceeded
        /// The caller's task was cancelled. A connection that had a statement under way is closed.
        case cancelled
        /// As many callers as the pool allows are waiting for a connection already.
        case poolExhausted
        /// The pool was shut down.
        case poolShutDown
        /// The call itself is wrong; trying again cannot help.
        case misuse
    }

    /// Which part failed.
    public let kind: Kind
    /// The five characters of PostgreSQL's error code, when the server gave one
    /// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
    public let sqlState: String?
    /// The server's or libpq's message in one line, with detail and hint where there are any.
    public let message: String
    /// What was tried, in a few words: never parameters, and SQL without its quoted literals.
    public let attempted: String
    /// The statement, or the whole transaction, is known not to have been applied, so doing it again cannot do it
    /// twice. False means that nobody knows.
    ///
    /// An error of the server counts as not applied, since it rolls back; a procedure or block that commits inside
    /// itself is the exception, and nothing tells.
    public let isSafeToRetry: Bool

    init(
        _ kind: Kind,
        _ message: String,
        attempted: String,
        sqlState: String? = nil,
        isSafeToRetry: Bool
    ) {
        self.kind = kind
        self.message = message
        self.attempted = attempted
        self.sqlState = sqlState
        self.isSafeToRetry = isSafeToRetry
    }

    /// The same thing may well succeed a little later, without anyone changing anything. Whether it may be done again
    /// is said by `isSafeToRetry`.
    public var isTransient: Bool {
        switch kind {
        case .connectionLost, .deadlineExceeded, .poolExhausted: true
        // Without a SQLSTATE no server answered: it may come up.
        case .connecting: sqlState.map(Self.isTransient(sqlState:)) ?? true
        case .server(let sqlState): Self.isTransient(sqlState: sqlState)
        case .cancelled, .poolShutDown, .misuse: false
        }
    }

    private static func isTransient(sqlState: String) -> Bool {
        switch sqlState {
        case "40001", "40P01": true  // serialization_failure, deadlock_detected
        case "55P03": true  // lock_not_available
        case "57014": true  // query_canceled: what statement_timeout says, the server's own deadline
        case "57P01", "57P02", "57P03": true  // the server shuts down, has crashed, or starts up
        case "25006": true  // read_only_sql_transaction: the primary has become a standby
        default: ["08", "53", "58"].contains(sqlState.prefix(2))  // connection, resources, system
        }
    }
}

extension PostgresError: CustomStringConvertible {
    /// One line: what was tried, what happened, the SQLSTATE.
    public var description: String {
        "\(attempted): \(message)" + (sqlState.map { " (SQLSTATE \($0))" } ?? "")
    }
}

extension PostgresError {
    /// The same error of a transaction that is known to have been rolled back as a whole.
    func knownNotApplied() -> PostgresError {
        PostgresError(kind, message, attempted: attempted, sqlState: sqlState, isSafeToRetry: true)
    }

    /// The same error of a commit, of which nobody knows whether it happened.
    func ofUnknownOutcome() -> PostgresError {
        PostgresError(
            kind,
            "whether the commit happened is unknown: \(message)",
            attempted: attempted,
            sqlState: sqlState,
            isSafeToRetry: false
        )
    }
}
