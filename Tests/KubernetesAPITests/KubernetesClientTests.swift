import HTTPTransfer
import JSON
import Logging
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite(.timeLimit(.minutes(1))) struct KubernetesClientTests {
    private func client(
        _ server: FakeAPIServer,
        token: TokenSource = .none,
        limits: KubernetesClient.Limits = KubernetesClient.Limits()
    ) -> KubernetesClient {
        KubernetesClient(
            configuration: ClientConfiguration(server: server.url, token: token),
            http: HTTPClient(),
            version: "1.2.3",
            limits: limits,
            logger: Logger(label: "test")
        )
    }

    private func name(_ event: JSONValue) -> String { event["metadata"]?["name"]?.string ?? "?" }

    @Test func itAsksForTheVersionByName() async throws {
        try await FakeAPIServer.run { server in
            let version = try await client(server).version()
            #expect(version.gitVersion == "v1.36.2" && version.platform == "linux/amd64")
            #expect(server.requests.map(\.uri) == ["/version"])
            #expect(server.requests.first?.userAgent == "kee-collector/1.2.3")
        }
    }

    @Test func whatIsNoAPIServerIsFoundOut() async throws {
        try await FakeAPIServer.run { server in
            server.refuseNext(with: .recorded("direct-list-empty"))
            let error = await #expect(throws: KubernetesAPIError.self) { try await client(server).version() }
            #expect(error.map { "\($0)" }?.contains("is this a Kubernetes API server?") == true)
            await server.stop()
            let refused = await #expect(throws: KubernetesAPIError.self) { try await client(server).version() }
            #expect(refused?.isConnectionRefused == true)
        }
    }

    @Test func aListComesInPagesOfOneVersion() async throws {
        try await FakeAPIServer.run { server in
            server.put((0..<7).map { FakeAPIServer.Event(name: "e\($0)") })
            let client = client(server)
            let first = try await client.listEvents(limit: 3)
            #expect(first.items.map(name) == ["e0", "e1", "e2"])
            #expect(first.remainingItemCount == 4)
            // What comes after the first page is not part of the list.
            server.put(FakeAPIServer.Event(name: "e9"))
            let second = try await client.listEvents(limit: 3, continueToken: first.continueToken)
            let third = try await client.listEvents(limit: 3, continueToken: second.continueToken)
            #expect((second.items + third.items).map(name) == ["e3", "e4", "e5", "e6"])
            #expect(third.continueToken == nil && third.remainingItemCount == nil)
            #expect(Set([first, second, third].map(\.resourceVersion)) == ["1007"])
        }
    }

    @Test func aNamespaceAndAVersionAreAskedFor() async throws {
        try await FakeAPIServer.run { server in
            server.put([FakeAPIServer.Event(namespace: "a", name: "1"), FakeAPIServer.Event(namespace: "b", name: "2")])
            let page = try await client(server).listEvents(in: "b", resourceVersion: "0")
            #expect(page.items.map(name) == ["2"])
            #expect(server.requests.map(\.uri) == ["/api/v1/namespaces/b/events?limit=500&resourceVersion=0"])
        }
    }

    @Test func recordedPagesAreRead() throws {
        let first = try EventPage(body: Recordings.body(of: Recordings.answer("list-page1-limit2")))
        #expect(first.items.count == 2 && first.remainingItemCount == 265 && first.resourceVersion == "1814")
        #expect(first.continueToken?.hasPrefix("eyJ2") == true)
        let second = try EventPage(body: Recordings.body(of: Recordings.answer("list-page2-limit2")))
        #expect(second.resourceVersion == "1814" && second.items.map(name) != first.items.map(name))
        let empty = try EventPage(body: Recordings.body(of: Recordings.answer("direct-list-empty")))
        #expect(empty.items.isEmpty && empty.continueToken == nil && empty.resourceVersion == "1824")
        let null = Array(#"{"metadata":{"resourceVersion":"1"},"items":null}"#.utf8)
        #expect(try EventPage(body: null).items.isEmpty)
        for body in ["", "[]", "{}", #"{"metadata":{"resourceVersion":"1"},"items":{}}"#] {
            #expect(throws: EventPage.Malformed.self, "\(body)") { try EventPage(body: Array(body.utf8)) }
        }
    }

    @Test func aLongListComesPacked() async throws {
        try await FakeAPIServer.run { server in
            server.put((0..<400).map { FakeAPIServer.Event(name: "event-\($0)") })
            let page = try await client(server).listEvents()
            #expect(page.items.count == 400)
            let request = try #require(server.requests.first)
            #expect(request.acceptsGzip)
        }
    }

    @Test func aListBeyondTheLimitIsRefused() async throws {
        try await FakeAPIServer.run { server in
            server.put((0..<400).map { FakeAPIServer.Event(name: "event-\($0)") })
            var limits = KubernetesClient.Limits()
            limits.page = 100_000
            let client = client(server, limits: limits)
            let error = await #expect(throws: KubernetesAPIError.self) { try await client.listEvents() }
            #expect(error?.isTooLarge == true && error?.isTransient == false)
        }
    }

    @Test func errorsKeepWhatTheServerSaid() async throws {
        try await FakeAPIServer.run { server in
            let client = client(server)
            func ask(_ answer: FakeAPIServer.Answer, times: Int = 1) async -> KubernetesAPIError? {
                server.refuseNext(times, with: answer)
                return await #expect(throws: KubernetesAPIError.self) { try await client.listEvents() }
            }
            #expect(await ask(.unauthorized)?.isUnauthorized == true)
            #expect(await ask(.forbidden)?.isForbidden == true)
            #expect(await ask(.gone)?.isExpired == true)
            let shed = await ask(.tooManyRequests)
            #expect(shed?.isTooManyRequests == true && shed?.status?.retryAfter == .seconds(1))
            #expect(await ask(.gatewayTimeout)?.isTransient == true)
            // Twice, for libcurl itself asks again when a connection that it reused is closed without a byte.
            let closed = await ask(.close, times: 2)
            #expect(closed?.isTruncated == true && closed?.isTransient == true)
            let half = Array(try Recordings.answer("list-page1-limit2").prefix(1000))
            #expect(await ask(.truncated(half))?.isTruncated == true)
            let page = try await client.listEvents()
            #expect(page.items.isEmpty)
        }
    }

    @Test func a401MakesTheNextRequestReadTheTokenAgain() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("first".utf8, to: "token")
        try await FakeAPIServer.run(security: .init(tokens: ["first"])) { server in
            let client = client(server, token: .file(file))
            _ = try await client.listEvents()
            server.accept(tokens: ["second"])
            let error = await #expect(throws: KubernetesAPIError.self) { try await client.listEvents() }
            #expect(error?.isUnauthorized == true)
            try folder.write("second".utf8, to: "token")
            _ = try await client.listEvents()
            #expect(server.requests.map(\.authorization) == ["Bearer first", "Bearer first", "Bearer second"])
        }
    }

    @Test func aWatchBringsWhatHappensAndEndsCleanly() async throws {
        try await FakeAPIServer.run { server in
            let event = FakeAPIServer.Event(name: "pod.1")
            let before = server.put(event)
            let stream = try await client(server).watchEvents(resourceVersion: "\(before)", timeoutSeconds: 300)
            var frames = stream.makeAsyncIterator()
            server.put(event.again())
            guard case .modified(let object, let version)? = try await frames.next() else {
                Issue.record("no MODIFIED")
                return
            }
            #expect(version == "\(before + 1)" && object["count"]?.int64 == 2)
            server.delete([event])
            let deleted = try await frames.next()
            #expect(deleted?.resourceVersion == "\(before + 2)")
            server.sendBookmarks()
            #expect(
                try await frames.next()
                    == .bookmark(resourceVersion: "\(before + 2)", initialEventsEnd: false)
            )
            server.endWatches()
            #expect(try await frames.next() == nil)
            #expect(
                server.requests.map(\.uri) == [
                    "/api/v1/events?watch=true&resourceVersion=\(before)&timeoutSeconds=300&allowWatchBookmarks=true"
                ]
            )
            #expect(server.requests.first?.acceptsGzip == false)
        }
    }

    @Test func aWatchThatIsCutInTheMiddleOfALineThrows() async throws {
        try await FakeAPIServer.run { server in
            let stream = try await client(server).watchEvents(resourceVersion: "1000", timeoutSeconds: 300)
            var frames = stream.makeAsyncIterator()
            try await server.waitForWatches()
            server.put(FakeAPIServer.Event(name: "pod.1"))
            #expect(try await frames.next()?.resourceVersion == "1001")
            server.cutWatches(after: "{\"type\":\"ADDED\",\"object\":{\"kind\":")
            do throws(KubernetesAPIError) {
                let frame = try await frames.next()
                Issue.record("the stream went on with \(String(describing: frame))")
            } catch {
                #expect(error.isTruncated)
            }
        }
    }

    @Test func aLineBeyondTheLimitDoesNotEndTheWatch() async throws {
        try await FakeAPIServer.run { server in
            var limits = KubernetesClient.Limits()
            limits.watchLine = 2000
            let stream = try await client(server, limits: limits)
                .watchEvents(resourceVersion: "1000", timeoutSeconds: 300)
            server.put([
                FakeAPIServer.Event(name: "big", message: String(repeating: "x", count: 100_000)),
                FakeAPIServer.Event(name: "small"),
            ])
            var frames = stream.makeAsyncIterator()
            guard case .oversized(let line)? = try await frames.next() else {
                Issue.record("the long line was not reported")
                return
            }
            #expect(line.name == "big" && line.namespace == "default" && line.resourceVersion == "1001")
            #expect(try await frames.next()?.resourceVersion == "1002")
        }
    }

    @Test func aKubeconfigWithAuthorityAndClientCertificateWorksOverTLS() async throws {
        let certificates = try Certificates.shared()
        let security = FakeAPIServer.Security(
            certificate: (certificates.server.certificate, certificates.server.key),
            clientAuthority: certificates.authority.certificate,
            tokens: ["t0ken"]
        )
        try await FakeAPIServer.run(security: security) { server in
            server.put(FakeAPIServer.Event(name: "pod.1"))
            let folder = try TemporaryDirectory()
            func configuration(authority: String, user: String) async throws -> ClientConfiguration {
                let file = try folder.write(
                    """
                    current-context: c
                    clusters: [{name: c, cluster: {server: "\(server.url)", certificate-authority: \(authority)}}]
                    users: [{name: u, user: {\(user)}}]
                    contexts: [{name: c, context: {cluster: c, user: u}}]
                    """.utf8,
                    to: "config"
                )
                return try await Kubeconfig.load(path: file).configuration()
            }
            func list(_ configuration: ClientConfiguration) async throws -> Int {
                let http = HTTPClient()
                return try await KubernetesClient(
                    configuration: configuration,
                    http: http,
                    version: "1",
                    logger: Logger(label: "test")
                ).listEvents().items.count
            }
            let pair = certificates.client
            let user = "token: t0ken, client-certificate: \(pair.certificate), client-key: \(pair.key)"
            let right = try await configuration(authority: certificates.authority.certificate, user: user)
            #expect(try await list(right) == 1)

            let strange = try await configuration(authority: certificates.stranger.certificate, user: user)
            await #expect(throws: KubernetesAPIError.self, "a strange authority") { try await list(strange) }
            let bare = try await configuration(authority: certificates.authority.certificate, user: "token: t0ken")
            await #expect(throws: KubernetesAPIError.self, "no client certificate") { try await list(bare) }
            #expect(server.requests.count == 1)
        }
    }
}
