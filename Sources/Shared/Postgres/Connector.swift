import Logging

/// Makes a connection on the present thread, which may block here.
struct Connector {
    let configuration: PostgresConfiguration
    let wait: SocketWait
    let logger: Logger

    /// Tries each host in order, until one accepts.
    ///
    /// - Throws: the error of the last host, with the others' messages before it.
    func connect(_ limits: OperationLimits) throws(PostgresError) -> LibpqConnection {
        let attempts = try configuration.parameters().splitByHost()
        var messages: [String] = []
        var sqlState: String?
        for (index, parameters) in attempts.enumerated() {
            let left = limits.deadline - .now
            // With a fair share each, a host that swallows packets leaves time for those after it.
            let share = min(configuration.connectTimeout, left / (attempts.count - index))
            do throws(ConnectFailure) {
                return try Self.connect(
                    parameters,
                    wait: wait,
                    logger: logger,
                    limits,
                    attemptDeadline: .now + share
                )
            } catch {
                switch error {
                case .over(.cancelled):
                    throw PostgresError(
                        .cancelled,
                        "the task was cancelled",
                        attempted: attempted,
                        isSafeToRetry: true
                    )
                case .over(.deadline):
                    messages.append("\(hostName(parameters)) did not answer in time")
                    throw PostgresError(
                        .deadlineExceeded,
                        messages.joined(separator: "; "),
                        attempted: attempted,
                        isSafeToRetry: true
                    )
                case .timeout:
                    messages.append("\(hostName(parameters)) did not answer within \(share)")
                    sqlState = nil
                case .refused(let text):
                    let isShowable = PostgresConfiguration.isShowable(parameters["host"] ?? "")
                    messages.append(isShowable ? text.message : text.message.withoutQuotedParts)
                    sqlState = text.sqlState
                }
            }
        }
        throw PostgresError(
            .connecting,
            messages.joined(separator: "; "),
            attempted: attempted,
            sqlState: sqlState,
            isSafeToRetry: true
        )
    }

    var attempted: String { "connecting to \(configuration)" }

    private func hostName(_ parameters: [ConnectionParameter]) -> String {
        let host = parameters["host"] ?? parameters["hostaddr"] ?? "the server"
        let name = parameters["port"].map { "\(host):\($0)" } ?? host
        return PostgresConfiguration.isShowable(name) ? name : "a host with an unreadable name"
    }

    enum ConnectFailure: Error {
        /// The caller's time is over.
        case over(Interruption)
        /// This attempt's share of it is.
        case timeout
        case refused((message: String, sqlState: String?))
    }

    /// One attempt.
    static func connect(
        _ parameters: [ConnectionParameter],
        wait: SocketWait,
        logger: Logger,
        _ limits: OperationLimits,
        attemptDeadline: ContinuousClock.Instant
    ) throws(ConnectFailure) -> LibpqConnection {
        let attemptLimits = limits.notAfter(attemptDeadline)
        guard let connection = LibpqConnection(starting: parameters, logger: logger) else {
            throw .refused(("no memory for a connection", nil))
        }
        var interest = SocketWait.Interest.write
        while !connection.isBroken {
            do throws(Interruption) {
                _ = try wait.wait(for: connection.socket, interest, attemptLimits)
            } catch {
                throw error == .deadline && attemptDeadline < limits.deadline ? .timeout : .over(error)
            }
            switch connection.advanceConnecting() {
            case .wantsRead: interest = .read
            case .wantsWrite: interest = .write
            case .ready: return connection
            case .failed: throw .refused(split(connectError: connection.errorMessage))
            }
        }
        // Refused before the first packet: an option that libpq does not take, of which it quotes the value.
        throw .refused(split(connectError: connection.errorMessage.withoutQuotedParts))
    }

    /// Takes the SQLSTATE out of libpq's verbose text, as in "... failed: FATAL:  28P01: password ...", and the line
    /// about the server's source.
    static func split(connectError text: String) -> (message: String, sqlState: String?) {
        var sqlState: String?
        var words: [Substring] = []
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("LOCATION:") {
            for word in line.split(separator: " ") {
                if words.last?.last == ":" && word.isSQLStateWithColon {
                    sqlState = String(word.dropLast())
                } else {
                    words.append(word)
                }
            }
        }
        return (words.joined(separator: " "), sqlState)
    }
}

extension Substring {
    /// "28P01:", but not "FATAL:": every SQLSTATE has a digit.
    fileprivate var isSQLStateWithColon: Bool {
        let code = dropLast().utf8
        return last == ":" && code.count == 5 && code.contains { $0 >= 48 && $0 <= 57 }
            && code.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) }
    }
}
