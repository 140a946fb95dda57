import HTTPTransfer
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite struct KubernetesStatusTests {
    private func recorded(_ name: String) throws -> KubernetesStatus {
        let answer = try Recordings.answer(name)
        let head = String(decoding: answer, as: UTF8.self).split(separator: "\r\n\r\n", maxSplits: 1)[0]
        let lines = head.split(separator: "\r\n")
        let code = try #require(Int(lines[0].split(separator: " ")[1]))
        let retryAfter = lines.first { $0.hasPrefix("Retry-After: ") }.map { String($0.dropFirst(13)) }
        return KubernetesStatus(httpStatus: code, retryAfter: retryAfter, body: Recordings.body(of: answer))
    }

    @Test func unauthorized() throws {
        let status = try recorded("http-401-badtoken")
        #expect(status.code == 401)
        #expect(status.isUnauthorized && !status.isForbidden && !status.isTransient && !status.isExpired)
    }

    @Test(arguments: ["http-403-forbidden", "http-403-watch", "http-startup-403"])
    func forbidden(name: String) throws {
        let status = try recorded(name)
        #expect(status.isForbidden && !status.isUnauthorized && !status.isTransient)
        #expect(status.message.hasPrefix("events is forbidden: User "))
        #expect(status.reason == "Forbidden")
    }

    @Test func tooManyRequestsIsTextWithRetryAfter() throws {
        let status = try recorded("http-429-queue-full")
        #expect(status.isTooManyRequests && status.isTransient)
        #expect(status.retryAfter == .seconds(1))
        #expect(status.reason == nil)
        #expect(status.message == "Too many requests, please try again later.")
    }

    @Test func gatewayTimeoutIsTextThatIsJSONWithoutAKind() throws {
        let status = try recorded("http-list-etcd-frozen-default")
        #expect(status.code == 504 && status.isTransient)
        #expect(status.reason == "Timeout")
        #expect(status.message == "Timeout: request did not complete within the allotted timeout")
    }

    @Test func gatewayTimeoutForAVersionInTheFuture() throws {
        let status = try recorded("list-future-rv")
        #expect(status.code == 504 && status.isTransient)
        #expect(status.message == "Timeout: Too large resource version: 99999999, current: 1814")
    }

    @Test func anExpiredTokenCarriesAFreshOne() throws {
        let status = try recorded("http-410-continue-expired")
        #expect(status.isExpired && !status.isTransient)
        #expect(status.continueToken?.hasPrefix("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEs") == true)
    }

    @Test func anExpiredListIsExpired() throws {
        let status = try recorded("http-410-list-exact")
        #expect(status.isExpired)
        #expect(status.continueToken == nil)
    }

    @Test func aVersionThatIsNoneIsKnown() throws {
        let status = try recorded("watch-bad-rv-nocache")
        #expect(status.code == 500 && status.isInvalidResourceVersion)
        #expect(status.reason == nil)
    }

    @Test func anInvalidRequestIsNotTransient() throws {
        let status = try recorded("watchlist-without-match-422-nocache")
        #expect(status.code == 422 && status.reason == "Invalid")
        #expect(!status.isTransient && !status.isExpired)
    }

    @Test func whatIsNoStatusAtAllIsStillSaid() {
        let page = KubernetesStatus(httpStatus: 502, retryAfter: nil, body: Array("<html>Bad Gateway</html>\r\n".utf8))
        #expect(page.isTransient && page.message == "<html>Bad Gateway</html>")
        let empty = KubernetesStatus(httpStatus: 503, retryAfter: "Fri, 31 Dec 1999 23:59:59 GMT", body: [])
        #expect(empty.isTransient && empty.message == "HTTP status 503" && empty.retryAfter == nil)
        let long = KubernetesStatus(httpStatus: 500, retryAfter: "-5", body: Array(repeating: 0x41, count: 100_000))
        #expect(long.message.count == 1000 && long.retryAfter == nil)
    }

    @Test func retryAfterCanStandInTheDetails() {
        let body = Array(#"{"kind":"Status","message":"m","code":429,"details":{"retryAfterSeconds":7}}"#.utf8)
        #expect(KubernetesStatus(httpStatus: 429, retryAfter: nil, body: body).retryAfter == .seconds(7))
        #expect(KubernetesStatus(httpStatus: 429, retryAfter: "2", body: body).retryAfter == .seconds(2))
    }

    @Test func transferErrorsAreSorted() {
        func error(_ kind: HTTPTransferError.Kind) -> KubernetesAPIError {
            KubernetesAPIError(request: "GET x", cause: .transfer(HTTPTransferError(kind: kind, message: "m")))
        }
        let transient: [HTTPTransferError.Kind] = [
            .resolve, .refused, .connect, .connectTimeout, .silent, .totalTimeout, .truncated, .protocol,
        ]
        #expect(transient.allSatisfy { error($0).isTransient })
        let lasting: [HTTPTransferError.Kind] = [.tls, .cancelled, .bodyTooLarge, .invalidRequest, .shutdown]
        #expect(lasting.allSatisfy { !error($0).isTransient })
        #expect(error(.refused).isConnectionRefused && error(.truncated).isTruncated && error(.cancelled).isCancelled)
        #expect("\(error(.refused))" == "GET x: m")
        let said = HTTPTransferError(kind: .refused, message: "GET x: nobody listens")
        #expect("\(KubernetesAPIError(request: "GET x", cause: .transfer(said)))" == "GET x: nobody listens")
    }

    @Test func isToldInOneLineWhateverItSays() {
        let status = KubernetesStatus(code: 500, reason: "a\nb", message: "c\r\nd\n")
        #expect(status.description == "500 a b: c d")
    }
}
