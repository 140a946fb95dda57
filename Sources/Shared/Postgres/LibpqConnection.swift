import CLibpq
import Logging

// The border to libpq: the only file that imports CLibpq. What a C call returns becomes a Swift value here.

/// A connection that is being made or is open. Owns the `PGconn` and frees it.
///
/// Not thread safe, as libpq is not: all calls come from the one thread of its connection.
final class LibpqConnection {
    /// What an attempt to connect needs next.
    enum ConnectProgress: Equatable {
        case wantsRead
        case wantsWrite
        case ready
        case failed
    }

    enum FlushProgress: Equatable {
        case done
        case pending
        case failed
    }

    enum TransactionState: Equatable {
        case idle
        case active
        case open
        case failed
        case unknown
    }

    private var pointer: OpaquePointer?
    private let notices: NoticeReceiver

    /// Starts to connect; nil when libpq has no memory. May block in name resolution.
    init?(starting parameters: [ConnectionParameter], logger: Logger) {
        notices = NoticeReceiver(logger: logger)
        pointer = withCStrings(parameters.map(\.keyword)) { keywords in
            withCStrings(parameters.map(\.value)) { values in
                PQconnectStartParams(keywords, values, 0)
            }
        }
        guard let pointer else { return nil }
        // Verbose, because the text of a failed connect is the only place that has its SQLSTATE.
        _ = PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        PQsetNoticeReceiver(pointer, receiveNotice, Unmanaged.passUnretained(notices).toOpaque())
    }

    deinit { close() }

    /// Tells the server that the session ends, without waiting, and frees everything.
    func close() {
        if let pointer { PQfinish(pointer) }
        pointer = nil
    }

    // MARK: Connecting

    /// Takes the next step of connecting. May block in name resolution.
    func advanceConnecting() -> ConnectProgress {
        switch PQconnectPoll(pointer) {
        case PGRES_POLLING_READING: return .wantsRead
        case PGRES_POLLING_WRITING: return .wantsWrite
        case PGRES_POLLING_OK:
            // From here on the SQLSTATE of an error is a field of its own.
            _ = PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
            return PQsetnonblocking(pointer, 1) == 0 ? .ready : .failed
        default: return .failed
        }
    }

    var isBroken: Bool { pointer == nil || PQstatus(pointer) == CONNECTION_BAD }
    var socket: Int32 { pointer == nil ? -1 : PQsocket(pointer) }
    var backendPID: Int32 { PQbackendPID(pointer) }
    /// For example 150004 for 15.4.
    var serverVersion: Int32 { PQserverVersion(pointer) }
    var usesTLS: Bool { pointer != nil && PQsslInUse(pointer) == 1 }
    var errorMessage: String { string(PQerrorMessage(pointer)) }

    var transactionState: TransactionState {
        switch PQtransactionStatus(pointer) {
        case PQTRANS_IDLE: .idle
        case PQTRANS_ACTIVE: .active
        case PQTRANS_INTRANS: .open
        case PQTRANS_INERROR: .failed
        default: .unknown
        }
    }

    /// The parameters with which to reach the very server of this connection again, whichever of several hosts it is.
    var parametersOfThisServer: [ConnectionParameter] {
        var parameters = PQconninfo(pointer).map { takeParameters($0) } ?? []
        let pinned = ["host", "hostaddr", "port", "target_session_attrs"]
        parameters.removeAll { pinned.contains($0.keyword) }
        parameters.append(ConnectionParameter("host", string(PQhost(pointer))))
        parameters.append(ConnectionParameter("hostaddr", string(PQhostaddr(pointer))))
        parameters.append(ConnectionParameter("port", string(PQport(pointer))))
        return parameters
    }

    /// The parameters that a connection string names, or nil and libpq's reason.
    static func parse(_ connectionString: String) -> (parameters: [ConnectionParameter]?, reason: String) {
        var reason: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(reason) }
        guard let options = PQconninfoParse(connectionString, &reason) else { return (nil, string(reason)) }
        return (takeParameters(options), "")
    }

    // MARK: Sending. False means that libpq refused; `errorMessage` says why.

    func send(simple sql: String) -> Bool { PQsendQuery(pointer, sql) == 1 }

    func send(prepare name: String, _ sql: String, _ types: [UInt32]) -> Bool {
        PQsendPrepare(pointer, name, sql, Int32(types.count), types) == 1
    }

    /// Binary parameters, binary results.
    func send(execute name: String, _ parameters: PostgresParameters) -> Bool {
        parameters.withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(pointer, name, count, values, lengths, formats, 1) == 1
        }
    }

    func enterPipeline() -> Bool { PQenterPipelineMode(pointer) == 1 }
    func exitPipeline() -> Bool { PQexitPipelineMode(pointer) == 1 }
    func sendSync() -> Bool { PQpipelineSync(pointer) == 1 }

    func flush() -> FlushProgress {
        switch PQflush(pointer) {
        case 0: .done
        case 1: .pending
        default: .failed
        }
    }

    // MARK: Receiving

    func consumeInput() -> Bool { PQconsumeInput(pointer) == 1 }
    var isBusy: Bool { PQisBusy(pointer) == 1 }
    func nextResult() -> LibpqResult? { PQgetResult(pointer).map(LibpqResult.init) }
}

/// A result of the server. Owns the `PGresult` and frees it.
///
/// `@unchecked Sendable`: a `PGresult` is never changed after libpq has handed it out, and the functions called here
/// only read it; rows and columns are checked by the caller, so that libpq's own complaint is never raised.
final class LibpqResult: @unchecked Sendable {
    enum Status: Equatable {
        case done
        case pipelineSync
        case pipelineAborted
        case copy
        case failed
    }

    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { PQclear(pointer) }

    var status: Status {
        switch PQresultStatus(pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: .done
        case PGRES_PIPELINE_SYNC: .pipelineSync
        case PGRES_PIPELINE_ABORTED: .pipelineAborted
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
        default: .failed
        }
    }

    var rowCount: Int { Int(PQntuples(pointer)) }
    var columnCount: Int { Int(PQnfields(pointer)) }
    var commandTag: String { string(PQcmdStatus(pointer)) }
    var affectedRows: Int { Int(string(PQcmdTuples(pointer))) ?? 0 }
    var serverMessage: ServerMessage { ServerMessage(reading: pointer) }
    func columnName(_ column: Int) -> String { string(PQfname(pointer, Int32(truncatingIfNeeded: column))) }
    func columnType(_ column: Int) -> UInt32 { PQftype(pointer, Int32(truncatingIfNeeded: column)) }

    @inline(__always)
    func isNull(_ row: Int, _ column: Int) -> Bool {
        PQgetisnull(pointer, Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column)) == 1
    }

    @inline(__always)
    func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        let row = Int32(truncatingIfNeeded: row)
        let column = Int32(truncatingIfNeeded: column)
        return UnsafeRawBufferPointer(
            start: PQgetvalue(pointer, row, column),
            count: Int(PQgetlength(pointer, row, column))
        )
    }
}

extension ServerMessage {
    fileprivate init(reading result: OpaquePointer?) {
        self.init(
            severity: string(kee_severity(result)),
            sqlState: string(kee_sqlstate(result)),
            primary: string(kee_message_primary(result)),
            detail: string(kee_message_detail(result)),
            hint: string(kee_message_hint(result)),
            routine: string(kee_routine(result)),
            text: string(PQresultErrorMessage(result))
        )
    }
}

/// Where libpq's notices go: to the log.
private final class NoticeReceiver {
    let logger: Logger
    init(logger: Logger) { self.logger = logger }
}

private func receiveNotice(receiver: UnsafeMutableRawPointer?, result: OpaquePointer?) {
    guard let receiver else { return }
    let logger = Unmanaged<NoticeReceiver>.fromOpaque(receiver).takeUnretainedValue().logger
    let notice = ServerMessage(reading: result)
    logger.debug(
        "PostgreSQL says: \(notice.primary)",
        metadata: ["severity": "\(notice.severity)", "sqlstate": "\(notice.sqlState)"]
    )
}

private func string(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

/// Copies the options that have a value, and frees the array.
private func takeParameters(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [ConnectionParameter] {
    defer { PQconninfoFree(options) }
    var parameters: [ConnectionParameter] = []
    var next = options
    while let keyword = next.pointee.keyword {
        if let value = next.pointee.val {
            // "*" marks a password in libpq's table of options.
            let isSecret = string(next.pointee.dispchar) == "*"
            parameters.append(ConnectionParameter(string(keyword), string(value), isSecret: isSecret))
        }
        next += 1
    }
    return parameters
}

/// Calls `body` with a null-terminated array of C strings.
private func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R) -> R {
    let bytes = strings.flatMap { Array($0.utf8CString) }
    return bytes.withUnsafeBufferPointer { bytes in
        var pointers: [UnsafePointer<CChar>?] = []
        var offset = 0
        for string in strings {
            pointers.append(bytes.baseAddress.map { $0 + offset })
            offset += string.utf8.count + 1
        }
        pointers.append(nil)
        return body(pointers)
    }
}
