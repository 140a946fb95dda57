/// How to reach a database, and how a session there begins.
public struct PostgresConfiguration: Sendable {
    /// Any libpq connection string: keywords and values, or a URI; several hosts and `target_session_attrs` included.
    /// What it does not say comes from libpq's environment variables, service file and password file.
    public var connectionString: String

    /// Shown in `pg_stat_activity` unless the connection string names another.
    public var applicationName: String

    /// How long one host may take, from name resolution to the end of the login. With several hosts each gets its
    /// share of the caller's deadline, and no more than this.
    public var connectTimeout: Duration

    /// SQL that each new session runs first, in order; a failure of one of them fails the connect.
    public var sessionSetup: [String]

    /// Makes a configuration without looking at the connection string: see `validate()`.
    public init(
        connectionString: String,
        applicationName: String = "kee",
        connectTimeout: Duration = .seconds(5),
        sessionSetup: [String] = []
    ) {
        self.connectionString = connectionString
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.sessionSetup = sessionSetup
    }

    /// Checks the form of the connection string, without connecting.
    ///
    /// - Throws: `misuse` when it is neither keywords and values nor a URI as libpq knows them.
    public func validate() throws(PostgresError) {
        _ = try parameters()
    }

    /// What the connection string says, with what a session of ours needs.
    func parameters() throws(PostgresError) -> [ConnectionParameter] {
        let parsed = LibpqConnection.parse(connectionString)
        guard !connectionString.utf8.contains(0), var parameters = parsed.parameters else {
            throw PostgresError(
                .misuse,
                "it is not a libpq connection string: \(parsed.reason.withoutQuotedParts.joinedLines);"
                    + " write postgresql://host:5432/database or host=... dbname=...",
                attempted: "reading the connection string",
                isSafeToRetry: true
            )
        }
        guard Self.arePorts(parameters["port"] ?? "") else {
            throw PostgresError(
                .misuse,
                "a port in the connection string is no number from 1 to 65535",
                attempted: "reading the connection string",
                isSafeToRetry: true
            )
        }
        parameters.append(ConnectionParameter("fallback_application_name", applicationName))
        parameters.removeAll { $0.keyword == "client_encoding" }
        parameters.append(ConnectionParameter("client_encoding", "UTF8"))
        return parameters
    }
}

extension PostgresConfiguration {
    /// One for all hosts or one for each, and none stands for 5432. What libpq would refuse is found before anything
    /// waits for a server to come up there.
    private static func arePorts(_ text: String) -> Bool {
        text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { port in
            let digits = port.filter { $0 != " " }
            return port.isEmpty || UInt16(digits).map { $0 > 0 } ?? false
        }
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host, port, database and user; never a password.
    public var description: String {
        guard let parameters = LibpqConnection.parse(connectionString).parameters else {
            return "PostgreSQL at an invalid connection string"
        }
        let parts = ["host", "hostaddr", "port", "dbname", "user"].compactMap { keyword in
            parameters[keyword].map { "\(keyword)=\(Self.isShowable($0) ? $0 : "(unreadable)")" }
        }
        return (["PostgreSQL"] + parts).joined(separator: " ")
    }

    /// A password with an unescaped "@", ":" or space moves the borders in a URI: what looks odd may be a piece of it.
    static func isShowable(_ value: String) -> Bool {
        value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            default: "._-,/:".utf8.contains(byte)
            }
        }
    }

    /// As `description`.
    public var debugDescription: String { description }

    /// Nothing, so that `dump` shows no password either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
    /// libpq quotes pieces of a connection string that it cannot read, and they may be pieces of a password.
    var withoutQuotedParts: String {
        var shown = ""
        for (index, part) in split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
            shown += index.isMultiple(of: 2) ? String(part) : "\"...\""
        }
        return shown
    }
}
