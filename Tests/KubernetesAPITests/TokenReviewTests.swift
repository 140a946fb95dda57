import HTTPTransfer
import JSON
import Logging
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite("Reviews of tokens and access", .timeLimit(.minutes(1)))
struct TokenReviewTests {
    private func user(_ status: String, audiences: [String] = []) throws -> ReviewedUser? {
        let body = #"{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{},"status":\#(status)}"#
        return try TokenReview.user(body: Array(body.utf8), audiences: audiences)
    }

    @Test func anAnswerSaysWhoItIs() throws {
        let user = try user(
            #"{"authenticated":true,"user":{"username":"system:serviceaccount:shop:web","uid":"u1","#
                + #""groups":["system:serviceaccounts","system:authenticated"],"#
                + #""extra":{"authentication.kubernetes.io/pod-name":["web-1"]}},"audiences":["kee"]}"#,
            audiences: ["kee"]
        )
        #expect(
            user
                == ReviewedUser(
                    username: "system:serviceaccount:shop:web",
                    uid: "u1",
                    groups: ["system:serviceaccounts", "system:authenticated"],
                    extra: ["authentication.kubernetes.io/pod-name": ["web-1"]]
                )
        )
    }

    @Test(
        arguments: [
            #"{"user":{},"error":"[invalid bearer token]"}"#,
            #"{"authenticated":false,"user":{"username":"admin"}}"#,
            #"{"authenticated":"true","user":{"username":"admin"}}"#,
            #"{"authenticated":true,"user":{"username":"admin"},"audiences":["other"]}"#,
            // An authenticator that knows nothing of audiences may have accepted a token that is for somebody else.
            #"{"authenticated":true,"user":{"username":"admin"}}"#,
            #"{}"#,
        ]
    )
    func whatIsNotAcceptedForUsIsNobody(status: String) throws {
        #expect(try user(status, audiences: ["kee"]) == nil)
    }

    @Test(
        arguments: [
            "", "null", #"{"kind":"Status","code":200}"#, #"{"kind":"TokenReview"}"#,
            #"{"kind":"TokenReview","status":{"authenticated":true,"user":{}}}"#,
            #"{"kind":"TokenReview","status":{"authenticated":true,"user":{"username":""}}}"#,
        ]
    )
    func whatIsNoAnswerIsAnError(body: String) throws {
        #expect(throws: TokenReview.Malformed.self) { try TokenReview.user(body: Array(body.utf8), audiences: []) }
    }

    @Test func whatAnAuthorizerDeniesIsDenied() throws {
        let table: [(String, Bool)] = [
            (#"{"allowed":true,"reason":"RBAC"}"#, true), (#"{"allowed":false}"#, false), ("{}", false),
            (#"{"allowed":true,"denied":true}"#, false), (#"{"allowed":"yes"}"#, false),
            (#"{"allowed":false,"evaluationError":"role not found"}"#, false),
        ]
        for (status, isAllowed) in table {
            let body = Array(#"{"kind":"SubjectAccessReview","status":\#(status)}"#.utf8)
            #expect(try SubjectAccessReview.isAllowed(body: body) == isAllowed, "\(status)")
        }
        #expect(throws: TokenReview.Malformed.self) { try SubjectAccessReview.isAllowed(body: Array("{}".utf8)) }
    }

    @Test func theQuestionsAreAsAnAPIServerWantsThem() throws {
        let token = try JSONDocument(parsing: TokenReview.body(token: #"a"b"#, audiences: ["kee"])).root
        #expect(token["apiVersion"]?.string == "authentication.k8s.io/v1" && token["kind"]?.string == "TokenReview")
        #expect(token["spec"]?["token"]?.string == #"a"b"#)
        #expect(token["spec"]?["audiences"]?.elements.compactMap(\.string) == ["kee"])
        let user = ReviewedUser(username: "alice", uid: "u", groups: ["a", "b"], extra: ["k": ["v", "w"]])
        for (namespace, expected) in [(nil, nil), ("shop", "shop")] as [(String?, String?)] {
            let body = SubjectAccessReview.body(listEventsIn: namespace, user)
            let spec = try #require(try JSONDocument(parsing: body).root["spec"])
            let attributes = spec["resourceAttributes"]
            #expect(spec["user"]?.string == "alice" && spec["uid"]?.string == "u")
            #expect(spec["groups"]?.elements.compactMap(\.string) == ["a", "b"])
            #expect(spec["extra"]?["k"]?.elements.compactMap(\.string) == ["v", "w"])
            #expect(attributes?["verb"]?.string == "list" && attributes?["group"]?.string == "")
            #expect(attributes?["resource"]?.string == "events" && attributes?["namespace"]?.string == expected)
        }
    }

    @Test func aTokenIsInNoError() async throws {
        let reviews = FakeReviewAPI(users: [:], rights: [:])
        try await ScriptedHTTPServer.run(answer: reviews.answer) { server in
            let client = KubernetesClient(
                configuration: ClientConfiguration(server: server.url, token: .fixed(FakeReviewAPI.reviewerToken)),
                http: HTTPClient(),
                program: "kee-query",
                version: "1",
                logger: Logger(label: "test")
            )
            let nobody = try await client.reviewToken("hunter2", audiences: [], timeout: .seconds(30))
            #expect(nobody == nil)
            #expect(server.log.entries.requests.first?.header("User-Agent") == "kee-query/1")
            for isAway in [false, true] {
                reviews.setForbidden(true)
                reviews.setAway(isAway)
                let error = await #expect(throws: KubernetesAPIError.self) {
                    try await client.reviewToken("hunter2", audiences: [], timeout: .seconds(30))
                }
                #expect(error.map { "\($0)" }?.contains("hunter2") == false)
                #expect(error?.isForbidden == !isAway)
            }
        }
    }
}
