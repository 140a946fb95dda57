import EventModel
import JSON
import Testing

@Suite struct EventFormTests {
    private func read(_ text: String, isKnownEvent: Bool = false) throws -> Event {
        try Event(JSONDocument(parsing: Array(text.utf8)).root, isKnownEvent: isKnownEvent)
    }

    private func json(_ event: Event) throws -> JSONValue {
        var output = JSONOutput()
        output.write(event)
        return try JSONDocument(parsing: output.bytes).root
    }

    private func json(_ text: String) throws -> JSONValue { try JSONDocument(parsing: Array(text.utf8)).root }

    @Test func eventsK8sIOBecomesCoreV1WithNothingLost() throws {
        let event = try read(
            """
            {"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"a.1","managedFields":[{"manager":"x"}]},
            "eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"scheduler","reportingInstance":"s-0",
            "action":"Binding","reason":"Scheduled","regarding":{"kind":"Pod"},"note":"text","type":"Normal","odd":[1.50],
            "deprecatedSource":{"component":"c"},"deprecatedFirstTimestamp":null,"deprecatedLastTimestamp":null,
            "deprecatedCount":3}
            """
        )
        try #expect(
            json(event)
                == json(
                    """
                    {"kind":"Event","apiVersion":"v1","metadata":{"name":"a.1"},"eventTime":"2026-01-01T00:00:00.000000Z",
                    "reportingComponent":"scheduler","reportingInstance":"s-0","action":"Binding","reason":"Scheduled",
                    "involvedObject":{"kind":"Pod"},"message":"text","type":"Normal","odd":[1.50],"source":{"component":"c"},
                    "firstTimestamp":null,"lastTimestamp":null,"count":3}
                    """
                )
        )
    }

    @Test func withoutKindAndVersionTheMembersTell() throws {
        let time = #""eventTime":"2026-01-01T00:00:00Z""#
        #expect(try read(#"{"regarding":{"kind":"Pod"},"note":"n",\#(time)}"#).message?.string == "n")
        #expect(try read(#"{"involvedObject":{},"message":"m",\#(time)}"#).message?.string == "m")
        #expect(throws: EventRejection(.unrecognised)) { try read("{\(time)}") }
        #expect(try read("{\(time)}", isKnownEvent: true).message == nil)
    }

    @Test func capitalisedInternalObjectsBecomeCoreV1() throws {
        let event = try read(
            """
            {"name":"n.1","namespace":"ns","uid":"u","creationTimestamp":"2018-02-24T05:34:30Z","InvolvedObject":{"Kind":"Pod",
            "Namespace":"ns","Name":"n","UID":"o","APIVersion":"v1","ResourceVersion":"634","FieldPath":""},
            "Reason":"Scheduled","Message":"m","Source":{"Component":"s","Host":""},"FirstTimestamp":null,"Count":1,
            "Type":"Normal","Series":null,"Action":"","Related":null,"ReportingController":"","ReportingInstance":""}
            """
        )
        try #expect(
            json(event)
                == json(
                    """
                    {"metadata":{"name":"n.1","namespace":"ns","uid":"u","creationTimestamp":"2018-02-24T05:34:30Z"},
                    "involvedObject":{"kind":"Pod","namespace":"ns","name":"n","uid":"o","apiVersion":"v1",
                    "resourceVersion":"634","fieldPath":""},"reason":"Scheduled","message":"m",
                    "source":{"component":"s","host":""},"firstTimestamp":null,"count":1,"type":"Normal","series":null,
                    "action":"","related":null,"reportingComponent":"","reportingInstance":""}
                    """
                )
        )
    }

    @Test func ofDuplicatedKeysTheLastCounts() throws {
        let event = try read(
            #"{"kind":"Event","message":"a","metadata":{"creationTimestamp":"2020-01-01T00:00:00Z"},"x":1,"message":"b","metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","labels":{"a":"1"},"labels":{}},"x":2}"#
        )
        #expect(event.message?.string == "b")
        #expect(event.time == 1_767_225_600_000_000)
        #expect(event.others.map(\.value.int64) == [2])
        #expect(try json(event)["metadata"]?["labels"] == json("{}"))
    }

    @Test func namesThatOnlyLookAlikeAreNoDuplicates() throws {
        let names = #""é":1,"e\u0301":2,"\ud800":3,"\ud801":4,"\ufffd":5"#
        let text = #"{"kind":"Event","metadata":{"creationTimestamp":"2026-01-01T00:00:00Z",\#(names)},\#(names)}"#
        let event = try read(text)
        #expect(event.others.map(\.value.int64) == [1, 2, 3, 4, 5])
        #expect(event.metadata?.others.count == 5)
        #expect(try json(event) == json(text))
    }

    @Test func ofMetadataInSeveralKindsTheLastCounts() throws {
        let object = #""metadata":{"creationTimestamp":"2026-01-01T00:00:00Z"}"#
        let last = try read(#"{"kind":"Event","metadata":"odd",\#(object)}"#)
        #expect(last.metadata != nil && last.others.isEmpty)
        let first = try read(#"{"kind":"Event",\#(object),"lastTimestamp":"2026-01-01T00:00:00Z","metadata":"odd"}"#)
        #expect(first.metadata == nil && first.others.map(\.value.string) == ["odd"])
    }

    /// It took time with the square of their number: minutes for these.
    @Test(.timeLimit(.minutes(1))) func tensOfThousandsOfMembersAreRead() throws {
        let members = (0..<40_000).map { "\"m\($0)\":0," }.joined()
        let created = #""creationTimestamp":"2026-01-01T00:00:00Z""#
        let event = try read(#"{"kind":"Event",\#(members)"metadata":{\#(members)\#(created)}}"#)
        #expect(event.others.count == 40_000 && event.metadata?.others.count == 40_000)

        let renamed = String(repeating: #""Reason":"a","#, count: 40_000)
        let capitalised = try read(#"{\#(renamed)"InvolvedObject":{},"LastTimestamp":"2026-01-01T00:00:00Z"}"#)
        #expect(capitalised.reason?.string == "a")
        let notes = String(repeating: #""note":"a","#, count: 40_000)
        let time = #""deprecatedLastTimestamp":"2026-01-01T00:00:00Z""#
        let newer = try read(#"{"kind":"Event","apiVersion":"events.k8s.io/v1",\#(notes)\#(time)}"#)
        #expect(newer.message?.string == "a")
    }

    @Test(arguments: [
        (#"{"kind":"Pod","metadata":{}}"#, "Pod is not a Kubernetes Event"),
        (#"{"kind":"Event","apiVersion":"audit.k8s.io/v1"}"#, "audit.k8s.io/v1 Event is not a Kubernetes Event"),
        (#"[]"#, "not a Kubernetes Event: not an object"), (#""Event""#, "not a Kubernetes Event: not an object"),
    ])
    func namesWhatItIsInstead(_ text: String, _ reason: String) throws {
        let rejection = #expect(throws: EventRejection.self) { try read(text) }
        #expect(rejection?.description == reason)
    }

    private func items(_ text: String) throws -> [String] {
        var found: [String] = []
        EventDocument.forEachItem(of: try json(text)) { item in
            switch item {
            case .success(let event): found.append(event.message?.string ?? "-")
            case .failure(let rejection): found.append("\(rejection)")
            }
        }
        return found
    }

    @Test func documentsOfEveryShape() throws {
        let event = #"{"message":"m","lastTimestamp":"2026-01-01T00:00:00Z"}"#
        #expect(try items(#"{"kind":"EventList","items":[\#(event),\#(event)]}"#) == ["m", "m"])
        #expect(try items(#"{"kind":"EventList","items":null}"#) == [])
        #expect(try items(#"{"kind":"EventList"}"#) == [])
        #expect(try items(#"{"kind":"List","items":[{"kind":"Pod"}]}"#) == ["Pod is not a Kubernetes Event"])
        #expect(try items(#"{"kind":"PodList","items":[{},{}]}"#) == ["PodList is not a Kubernetes Event"])
        #expect(try items(#"{"type":"ADDED","object":{"kind":"Event","eventTime":"2026-01-01T00:00:00Z"}}"#) == ["-"])
        for type in ["DELETED", "BOOKMARK", "ERROR"] {
            #expect(try items(#"{"type":"\#(type)","object":{"kind":"Event"}}"#) == [])
        }
        #expect(try items("{}").count == 1)
        #expect(try items(#"{"name":"kube_events","data":[]}"#).first?.hasPrefix("not a Kubernetes Event") == true)
    }

    @Test func identityIsFrozen() throws {
        let event = try read(
            #"{"kind":"Event","metadata":{"uid":"u","resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z"}}"#
        )
        // SHA-256 over 00000001 "c" 00000001 "u" 00000001 "1".
        #expect(EventIdentity.observation(event, cluster: "c") == -6_480_655_899_608_526_625)
        #expect(EventIdentity.object(cluster: "c", namespace: "n", name: "o") == -8_783_602_426_494_917_051)
    }

    @Test func withoutUidTheWholeEventIsItsIdentity() throws {
        func identity(_ text: String) throws -> Int64 {
            try EventIdentity.observation(read(text, isKnownEvent: true), cluster: "c")
        }
        let time = #""lastTimestamp":"2026-01-01T00:00:00Z""#
        let first = try identity(#"{"metadata":{"name":"a"},"message":"m",\#(time)}"#)
        #expect(try identity(#"{\#(time),"message":"\u006d","metadata":{"managedFields":[],"name":"a"}}"#) == first)
        #expect(try identity(#"{"metadata":{"name":"b"},"message":"m",\#(time)}"#) != first)
        #expect(try identity(#"{"metadata":{"uid":"u","name":"a"},"message":"m",\#(time)}"#) != first)
    }
}
