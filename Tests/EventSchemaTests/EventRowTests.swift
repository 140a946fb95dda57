import EventModel
import EventSchema
import Foundation
import JSON
import TestSupport
import Testing

/// Taking an event apart and writing it again, without a database between.
@Suite struct EventRowTests {
    private func roundTrip(_ event: Event) throws -> JSONValue {
        let row = EventRow(event, cluster: "test")
        let fields = row.withFields(cluster: "test") { fields in
            var output = JSONOutput()
            output.write(fields)
            return output.bytes
        }
        return try JSONDocument(parsing: fields).root
    }

    /// What must come back: the event without managedFields and with its cluster.
    private func expected(_ event: Event) throws -> JSONValue {
        var output = JSONOutput()
        output.write(event)
        output.truncate(to: output.count - 1)
        output.write(",\"cluster\":\"test\"}")
        return try JSONDocument(parsing: output.bytes).root
    }

    private func read(_ text: String) throws -> Event {
        try Event(JSONDocument(parsing: Array(text.utf8)).root, isKnownEvent: true)
    }

    @Test(arguments: [
        #"{"lastTimestamp":"2026-01-01T00:00:00Z"}"#,
        #"{"metadata":{},"involvedObject":{},"source":{},"eventTime":"2026-01-01T00:00:00.123456Z"}"#,
        #"{"metadata":{"name":"pod.18e9ed4676dad990","namespace":"","uid":"","resourceVersion":""},"involvedObject":{"kind":"","namespace":"","name":"pod","uid":"EB3ECEF3-297F-4E34-A958-34543D73FFC9","apiVersion":"","resourceVersion":"007","fieldPath":""},"source":{"component":"","host":""},"reason":"","message":"","type":"","count":0,"firstTimestamp":null,"lastTimestamp":null,"eventTime":"2026-01-01T00:00:00Z","reportingComponent":"","reportingInstance":""}"#,
        #"{"metadata":{"name":null,"namespace":null,"uid":null,"resourceVersion":null,"creationTimestamp":null},"involvedObject":{"kind":null,"namespace":null,"name":null},"source":{"component":null},"reason":null,"message":null,"type":null,"count":null,"series":null,"action":null,"lastTimestamp":"2026-01-01T00:00:00Z","reportingComponent":null}"#,
        #"{"metadata":"odd","involvedObject":[1],"source":null,"lastTimestamp":"2026-01-01T00:00:00.000Z"}"#,
        #"{"metadata":{"creationTimestamp":"2026-01-01T00:00:00Z"},"firstTimestamp":{},"count":-5,"type":"Alarm"}"#,
        #"{"metadata":{"creationTimestamp":"2026-01-01T00:00:00Z"},"firstTimestamp":"9999-01-01T00:00:00Z","count":99999999999}"#,
        #"{"lastTimestamp":"2026-01-01T01:00:00+01:00","count":1.0,"extra":{"n":0.10,"big":123456789012345678901234567890}}"#,
        #"{"lastTimestamp":"2026-01-01T00:00:00Z","x":1e5,"y":-0,"z":1E-400,"message":"m"}"#,
        #"{"lastTimestamp":"2026-01-01T00:00:00Z","message":"nul \u0000 and lone \ud800 surrogate","reason":"r\u0000"}"#,
        #"{"lastTimestamp":"2026-01-01T00:00:00Z","metadata":{"annotations":{"k\u0000":"v"}}}"#,
        #"{"lastTimestamp":"2026-01-01T00:00:00Z","message":"a\r\nb\t\"\\\u0001\u007f é 😀 \ud83d\ude00"}"#,
        #"{"lastTimestamp":"2026-01-01T00:00:00Z","cluster":"its own","items":1,"e":{"m":{}},"":{"":""}}"#,
        #"{"cluster":"its own","message":"nul \u0000","lastTimestamp":"2026-01-01T00:00:00Z","\u0063luster":null}"#,
        #"{"kind":"Event","apiVersion":"v1","lastTimestamp":"1969-12-31T23:59:59Z","metadata":{"creationTimestamp":"1969-12-31T23:59:58Z"}}"#,
        #"{"kind":"Event","apiVersion":"","lastTimestamp":"2026-01-01T00:00:00Z","message":"a","message":"b","source":{"component":"x"},"source":{}}"#,
        #"{"metadata":{"namespace":"a"},"involvedObject":{"namespace":"b"},"lastTimestamp":"2026-01-01T00:00:00Z"}"#,
        #"{"eventTime":"2026-01-01T00:00:00.5Z","series":{"lastObservedTime":"2026-01-02T00:00:00.000001Z"},"lastTimestamp":"2026-01-01T00:00:01Z"}"#,
    ])
    func comesBackEqual(_ text: String) throws {
        let event = try read(text)
        if event.others.contains(where: { $0.key == "cluster" }) {
            // The archive's own `cluster` stands in place of the event's.
            #expect(try roundTrip(event).members.filter { $0.key == "cluster" }.map(\.value.string) == ["test"])
        } else {
            #expect(try roundTrip(event) == expected(event))
        }
    }

    @Test func textsBeyondADictionarysLimitComeBackWhole() throws {
        let long = String(repeating: "é", count: 5_000)
        let event = try read(
            #"{"lastTimestamp":"2026-01-01T00:00:00Z","reason":"\#(long)","type":"\#(long)","message":"\#(long)","involvedObject":{"kind":"\#(long)","name":"\#(long)","fieldPath":"\#(long)"},"source":{"host":"\#(long)"},"reportingInstance":"\#(long)"}"#
        )
        #expect(try roundTrip(event) == expected(event))
        #expect(EventRow(event, cluster: "test").reason.utf8.count <= EventRow.dictionaryTextLimit)
    }

    @Test func whatIsAsDeepAsMayBeComesBack() throws {
        let depth = JSONLimits.standard.depth - 1
        let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        // In `extra` it stands a level deeper.
        let event = try read(#"{"lastTimestamp":"2026-01-01T00:00:00Z","related":\#(deep)}"#)
        #expect(try roundTrip(event) == expected(event))
    }

    @Test func aClassicEventNeedsNeitherExtraNorRaw() throws {
        let row = try EventRow(
            read(
                #"{"metadata":{"name":"web-1.18e9ed4676dad990","namespace":"shop","uid":"eb3ecef3-297f-4e34-a958-34543d73ffc9","resourceVersion":"494","creationTimestamp":"2026-11-21T02:06:53Z","managedFields":[{"manager":"k"}]},"involvedObject":{"kind":"Pod","namespace":"shop","name":"web-1","uid":"ededb34a-1d03-46b5-b44d-97d755076f52","apiVersion":"v1","resourceVersion":"487","fieldPath":"spec.containers{app}"},"reason":"BackOff","message":"text","source":{"component":"kubelet","host":"n1"},"firstTimestamp":"2026-11-21T02:06:50Z","lastTimestamp":"2026-11-21T02:08:53Z","count":7,"type":"Warning","eventTime":null,"reportingComponent":"kubelet","reportingInstance":"n1"}"#
            ),
            cluster: "test"
        )
        #expect(row.extra == nil && row.raw == nil)
        #expect(row.firstBefore == 123 && row.createdBefore == 120 && row.count == 7)
        #expect(row.nameSuffix == 0x18e9_ed46_76da_d990)
    }

    @Test func recordingsAndCorpusComeBackEqual() throws {
        var events = 0
        for file in SampleFiles.all {
            for root in try file.documents() {
                let body = root["body"] ?? root
                try EventDocument.forEachItem(of: body) { item throws in
                    guard case .success(let event) = item else { return }
                    events += 1
                    #expect(try roundTrip(event) == expected(event), "\(file.name)")
                }
            }
        }
        #expect(SampleFiles.all.isEmpty || events > 200)
    }
}

extension EventRow {
    /// The row as the reader would lend it.
    func withFields<R>(cluster: String, _ body: (borrowing EventFields) -> R) -> R {
        var fields = EventFields(
            time: time,
            shape: shape,
            cluster: JSONText(cluster),
            namespace: JSONText(namespace),
            kind: JSONText(kind.kind),
            apiVersion: JSONText(kind.apiVersion),
            source: SourceText(source),
            reason: JSONText(reason),
            type: JSONText(type)
        )
        fields.resourceVersion = resourceVersion
        fields.nameSuffix = nameSuffix
        fields.objectResourceVersion = objectResourceVersion
        fields.uid = uid
        fields.objectUID = objectUID
        fields.firstBefore = firstBefore ?? 0
        fields.createdBefore = createdBefore
        fields.count = count
        fields.fieldPath = fieldPath.map { JSONText($0) }
        return Array(name.utf8).withUnsafeBufferPointer { name in
            Array(message.utf8).withUnsafeBufferPointer { message in
                (extra ?? []).withUnsafeBufferPointer { extra in
                    (raw ?? []).withUnsafeBufferPointer { raw in
                        fields.name = name
                        fields.message = message
                        fields.extra = self.extra == nil ? nil : extra
                        fields.raw = self.raw == nil ? nil : raw
                        return body(fields)
                    }
                }
            }
        }
    }
}
