import Coverage
import EventSchema
import EventWriter
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import TestSupport
import Testing

@testable import EventReader
@testable import EventRoutes

@Suite("The timeline route", .timeLimit(.minutes(2))) struct TimelineRouteTests {
    @Test func aStoryIsReadInPages() async throws {
        try await ServedAPI(.filled(25)).run { client async throws in
            var names: [String] = []
            var uri: String? = "/timeline/prod/shop/po/web-1?limit=10&type=Normal&since=1970-01-01T00:00:02Z"
            while let next = uri {
                let page = try await client.get(next)
                #expect(page.status == .ok)
                #expect(try page.json["kind"]?.string == "Timeline")
                names += try page.names
                uri = try page.token.map { "/timeline/prod/shop/po/web-1?limit=10&continue=\($0)" }
            }
            #expect(names == (2..<25).reversed().map { "\($0)" })
        }
    }

    @Test func theQuestionIsAskedAsItIsMeant() async throws {
        let served = try ServedAPI(.filled(3))
        try await served.run { client async throws in
            let page = try await client.get(
                "/timeline/prod/shop/pods/web-1?order=asc&limit=2&reason=Started&until=2030-01-01T00:00:00Z"
            )
            #expect(try page.names == ["0", "1"])
            let question = served.repository.read { $0.questions.last }
            #expect(question?.kinds == [KindReference(kind: "Pod", group: "")] || question?.kinds.first?.kind == "Pod")
            #expect(question?.name == "web-1" && question?.reasons == ["Started"] && question?.order == .oldestFirst)
            let token = try #require(try page.token)
            let more = try await client.get("/timeline/prod/shop/pods/web-1?continue=\(token)")
            #expect(try more.names == ["2"])
            #expect(try more.token == nil)
        }
    }

    @Test(arguments: [
        ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("order=up", "order"),
        ("since=yesterday", "since"), ("since=1h&until=2h", "since"), ("limits=5", "limits"), ("kind=pod", "kind"),
        ("perCluster=1", "perCluster"), ("continue=AAAA", "continue"), ("type=", "type"), ("limit=1&limit=2", "limit"),
        ("reason=%00", "reason"), ("since=%FF", "since"),
    ])
    func whatCannotBeAnsweredIsA400ThatNamesIt(query: String, parameter: String) async throws {
        try await ServedAPI(.filled(3)).run { client async throws in
            let answer = try await client.get("/timeline/prod/shop/pod/web-1?\(query)")
            #expect(answer.status == .badRequest)
            #expect(try answer.parameter == parameter)
        }
    }

    @Test func aTokenBelongsToItsPathAndItsQuestion() async throws {
        try await ServedAPI(.filled(9)).run { client async throws in
            let first = try await client.get("/timeline/prod/shop/pod/web-1?limit=2&since=2000d&type=Normal")
            #expect(try first.token == nil, "1970 is longer ago")
            let token = try #require(
                try await client.get("/timeline/prod/shop/pod/web-1?limit=2&type=Normal").token
            )
            for uri in [
                "/timeline/prod/shop/pod/web-2?continue=\(token)", "/timeline/prod/shop/pods/web-1?continue=\(token)",
                "/events/prod/shop/pod/web-1?continue=\(token)",
                "/timeline/prod/shop/pod/web-1?continue=\(token.dropLast())",
            ] {
                #expect(try await client.get(uri).parameter == "continue", "\(uri)")
            }
            for (query, parameter) in [("type=Warning", "type"), ("order=asc", "order"), ("since=1h", "since")] {
                let answer = try await client.get("/timeline/prod/shop/pod/web-1?continue=\(token)&\(query)")
                #expect(try answer.parameter == parameter)
            }
            let events = try #require(try await client.get("/events/prod/shop/pod/web-1?limit=2").token)
            #expect(try await client.get("/timeline/prod/shop/pod/web-1?continue=\(events)").parameter == "continue")
        }
    }

    @Test func otherPathsAndFormsAreRefused() async throws {
        try await ServedAPI(.filled(3)).run { client async throws in
            for uri in [
                "/timeline", "/timeline/prod/shop/pod", "/timeline/prod/shop/pod/a/b", "/timeline/prod/shop/pod/",
            ] {
                #expect(try await client.get(uri).status == .notFound, "\(uri)")
            }
            #expect(try await client.get("/timeline/nowhere/shop/pod/a").parameter == "cluster")
            #expect(try await client.get("/timeline/prod/shop/pod/web-1", accept: "text/csv").status == .notAcceptable)
            #expect(try await client.execute(uri: "/timeline/prod/shop/pod/web-1", method: .head).status == .ok)
            #expect(
                try await client.execute(uri: "/timeline/prod/shop/pod/web-1", method: .post).status
                    == .methodNotAllowed
            )
        }
    }

    @Test func anAnswerSaysWhoOwnsWhomAndWhereThatIsNotKnown() async throws {
        let archive = try await TestArchive()
        _ = try await archive.writer(cluster: "blue").write(
            [
                .sample(1, kind: "Deployment", apiVersion: "apps/v1", name: "web"),
                .sample(2, kind: "ReplicaSet", apiVersion: "apps/v1", name: "web-1"),
            ],
            deadline: TestArchive.soon
        )
        try await archive.execute(
            """
            INSERT INTO kee.object (cluster_id, kind_id, chain, uid, namespace, name)
            SELECT cluster_id, kind_id, 3, '8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11', 'shop', 'web'
            FROM kee.cluster, kee.kind WHERE kind = 'Deployment';
            INSERT INTO kee.object (cluster_id, kind_id, owner_kind_id, chain, uid, owner_uid, namespace, name, owner_name)
            SELECT cluster_id, r.kind_id, d.kind_id, 5, '8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a12',
                '8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11', 'shop', 'web-1', 'web'
            FROM kee.cluster, kee.kind d, kee.kind r WHERE d.kind = 'Deployment' AND r.kind = 'ReplicaSet';
            """
        )
        try await ServedAPI(over: archive.reader).run { client async throws in
            let answer = String(buffer: try await client.get("/timeline/blue/shop/deploy/web").body)
            let owner = #""kind":"Deployment","apiVersion":"apps/v1","#
            #expect(
                answer.hasPrefix(
                    #"{"kind":"Timeline","apiVersion":"kee/v1","metadata":{},"objects":[{"#
                        + owner + #""namespace":"shop","name":"web","uid":"8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11","#
                        + #""owner":null,"chain":"gone"},{"kind":"ReplicaSet","apiVersion":"apps/v1","#
                        + #""namespace":"shop","name":"web-1","uid":"8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a12","#
                        + #""owner":{"# + owner + #""name":"web","uid":"8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11"},"#
                        + #""chain":"known"}],"items":[{"#
                ),
                "\(answer)"
            )
            let nothing = String(buffer: try await client.get("/timeline/blue/shop/deploy/other").body)
            #expect(
                nothing == #"{"kind":"Timeline","apiVersion":"kee/v1","metadata":{},"objects":[],"items":[]}"# + "\n"
            )
        }
        await archive.close()
    }
}
