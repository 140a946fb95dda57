internal import HTTPTypes
internal import Listener

extension Problem {
    /// What the listener says to clients that get no further.
    static let refusals = Refusals(
        malformed: malformedRequest.refusal,
        headersTooLarge: headersTooLarge.refusal,
        tooManyConnections: tooManyConnections.refusal
    )

    private static let tooManyConnections = Problem(
        status: .serviceUnavailable,
        detail: "There are as many connections, in all or from this address, as the service takes. Try again.",
        retryAfter: 1
    )

    private var refusal: Refusal {
        Refusal(status: "\(status.code) \(status.reasonPhrase)", retryAfter: retryAfter, body: body)
    }
}
