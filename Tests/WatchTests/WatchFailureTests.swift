import HTTPTransfer
import KubernetesAPI
import Testing

@testable import Watch

@Suite struct WatchFailureTests {
    @Test(arguments: [
        (410, "Expired", WatchFailure.expired), (200, "Gone", .expired), (401, "Unauthorized", .unauthorized),
        (403, "Forbidden", .forbidden), (500, "InternalError", .unavailable(retryAfter: nil)),
        (504, "Timeout", .unavailable(retryAfter: nil)), (400, "BadRequest", .rejected), (404, "NotFound", .rejected),
        (422, "Invalid", .rejected),
    ])
    func aStatusMeans(code: Int, reason: String, failure: WatchFailure) {
        #expect(WatchFailure(KubernetesStatus(code: code, reason: reason, message: "m")) == failure)
    }

    @Test func retryAfterIsKept() {
        let shed = KubernetesStatus(code: 429, message: "m", retryAfter: .seconds(3))
        #expect(WatchFailure(shed) == .tooManyRequests(retryAfter: .seconds(3)))
        let down = KubernetesStatus(code: 503, message: "m", retryAfter: .seconds(4))
        #expect(WatchFailure(down) == .unavailable(retryAfter: .seconds(4)))
    }

    @Test func aVersionThatIsNoneMeansListAgain() {
        let message = "resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax"
        #expect(WatchFailure(KubernetesStatus(code: 500, message: message)) == .expired)
    }

    @Test(arguments: [
        (HTTPTransferError.Kind.refused, WatchFailure.refused), (.truncated, .truncated),
        (.resolve, .unavailable(retryAfter: nil)), (.totalTimeout, .unavailable(retryAfter: nil)),
        (.bodyTooLarge, .pageTooLarge), (.tls, .rejected),
    ])
    func aBrokenTransferMeans(kind: HTTPTransferError.Kind, failure: WatchFailure) {
        let transfer = HTTPTransferError(kind: kind, message: "m")
        #expect(WatchFailure(KubernetesAPIError(request: "GET x", cause: .transfer(transfer))) == failure)
    }

    @Test func credentialsAreAskedForAgainAndAgain() {
        let error = CredentialsError(problem: "no token")
        #expect(WatchFailure(KubernetesAPIError(request: "GET x", cause: .credentials(error))) == .rejected)
    }

    @Test func everyReasonIsOfTheFixedSet() {
        let failures: [WatchFailure] = [
            .expired, .unauthorized, .forbidden, .tooManyRequests(retryAfter: nil), .refused, .truncated,
            .unavailable(retryAfter: nil), .rejected, .pageTooLarge, .malformed,
        ]
        #expect(failures.map(\.reason) == WatchFailure.reasons)
    }
}
