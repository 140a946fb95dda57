import Testing

@testable import HTTPTransfer

@Suite("When a transfer takes too long")
struct TransferClockTests {
    private static let start = ContinuousClock.now

    private static func at(_ seconds: Double) -> ContinuousClock.Instant {
        start.advanced(by: .seconds(seconds))
    }

    @Test("Without limits, never")
    func unlimited() {
        var clock = TransferClock(silence: nil, total: nil, now: Self.start)
        clock.byteMoved(Self.at(1))
        #expect(clock.due == nil)
        #expect(clock.overrun(at: Self.at(1e6)) == nil)
    }

    @Test("Silence counts from the connection on, and anew from each byte")
    func silence() {
        var clock = TransferClock(silence: .seconds(5), total: nil, now: Self.start)
        #expect(clock.due == nil)
        #expect(clock.overrun(at: Self.at(100)) == nil)
        clock.byteMoved(Self.at(100))
        #expect(clock.due == Self.at(105))
        clock.byteMoved(Self.at(104))
        #expect(clock.overrun(at: Self.at(108.9)) == nil)
        #expect(clock.overrun(at: Self.at(109)) == .silent(.seconds(5)))
    }

    @Test("What the consumer holds back is not silent")
    func heldBack() {
        var clock = TransferClock(silence: .seconds(5), total: nil, now: Self.start)
        clock.byteMoved(Self.at(1))
        clock.heldBack()
        #expect(clock.due == nil)
        #expect(clock.overrun(at: Self.at(100)) == nil)
        clock.resumed(Self.at(100))
        #expect(clock.due == Self.at(105))
        // Only a transfer that was held back can be let go.
        clock.resumed(Self.at(104))
        #expect(clock.overrun(at: Self.at(105)) == .silent(.seconds(5)))
    }

    @Test("The total counts from the start, whatever happens")
    func total() {
        var clock = TransferClock(silence: .seconds(5), total: .seconds(20), now: Self.start)
        #expect(clock.due == Self.at(20))
        clock.byteMoved(Self.at(1))
        #expect(clock.due == Self.at(6))
        clock.byteMoved(Self.at(18))
        #expect(clock.due == Self.at(20))
        clock.heldBack()
        #expect(clock.overrun(at: Self.at(19.9)) == nil)
        #expect(clock.overrun(at: Self.at(20)) == .total(.seconds(20)))
    }

    @Test(
        "Milliseconds are whole, rounded up and bounded",
        arguments: [
            (.zero, 0), (.milliseconds(1), 1), (.microseconds(1), 1), (.seconds(-3), 0), (.microseconds(1500), 2),
            (.seconds(1_000_000_000_000), Int(Int32.max)),
        ] as [(Duration, Int)]
    )
    func milliseconds(_ duration: Duration, _ expected: Int) {
        #expect(duration.milliseconds() == expected)
        #expect(duration.milliseconds(atLeast: 1) == max(1, expected))
    }
}
