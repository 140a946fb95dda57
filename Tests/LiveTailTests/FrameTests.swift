import EventReader
import Testing

@testable import LiveTail

@Suite("The bytes of an event stream")
struct FrameTests {
    @Test func anEventIsOneLineOfData() {
        let event = FedEvent.made(3, json: "{\n  \"a\": 1,\r\n  \"b\": 2\n}")
        var reader = StreamReader()
        reader.read(EventStreamFrame.event(event))
        #expect(reader.messages == [.init(data: "{   \"a\": 1,    \"b\": 2 }", id: "3-1-1-bb9")])
    }

    @Test func aHeartbeatIsNoEventButAPlaceToGoOnFrom() {
        #expect(
            String(decoding: EventStreamFrame.heartbeat(at: .made(3)), as: UTF8.self)
                == ": heartbeat\nid: 3-1-1-bb9\n\n"
        )
        #expect(String(decoding: EventStreamFrame.heartbeat(at: nil), as: UTF8.self) == ": heartbeat\n\n")
    }

    @Test func aPositionReadsBackAndNothingElseIsOne() {
        let position = FeedPosition(transaction: .max, sequence: .max, place: .max, witness: -1)
        #expect(FeedPosition(position.description) == position)
        for text in [
            "", "abc", "1-2-3", "1-2-3-4-5", "01-2-3-4", "1-2-3-G", "-1-2-3-4", "1-2-3-ABC", "1 -2-3-4", "+1-2-3-4",
        ] {
            #expect(FeedPosition(text) == nil, "\(text)")
        }
        #expect(FeedPosition(String(repeating: "1", count: 100)) == nil)
        #expect(LiveStart(lastEventID: nil) == .now && LiveStart(lastEventID: "") == .now)
        #expect(
            LiveStart(lastEventID: "1-2-3-4") == .position(.init(transaction: 1, sequence: 2, place: 3, witness: 4))
        )
        #expect(LiveStart(lastEventID: "1-2-3") == .unknown)
    }
}
