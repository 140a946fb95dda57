import Coverage
import Testing

@testable import Spool

@Suite("What damage of the spool means for the coverage") struct SpoolDamageTests {
    @Test func theStretchBeginsAnewAtTheFirstPositionBehindTheHole() {
        var damage = SpoolDamage()
        damage.pass(.at(10), namespace: nil)
        damage.hole()
        damage.pass(nil, namespace: nil)
        damage.pass(.at(20), namespace: nil)
        damage.pass(.at(30), namespace: nil)
        #expect(damage.amended(.at(10), namespace: nil) == .at(10))
        #expect(damage.amended(.at(20), namespace: nil) == .at(20, since: 20, .unreadable))
        #expect(damage.amended(.at(30), namespace: nil) == .at(30, since: 20, .unreadable))
    }

    @Test func eachNamespaceHasItsOwn() {
        var damage = SpoolDamage()
        damage.hole()
        damage.pass(.at(20), namespace: "a")
        damage.pass(.at(21), namespace: "b")
        #expect(damage.amended(.at(30), namespace: "a") == .at(30, since: 20, .unreadable))
        #expect(damage.amended(.at(30), namespace: "b") == .at(30, since: 21, .unreadable))
        #expect(damage.amended(.at(30), namespace: "c") == .at(30))
    }

    @Test func aStretchThatBeganLaterIsNotTouched() {
        var damage = SpoolDamage()
        damage.hole()
        damage.pass(.at(20), namespace: nil)
        #expect(damage.amended(.at(40, since: 35, .expired), namespace: nil) == .at(40, since: 35, .expired))
    }

    @Test func ofSeveralHolesTheLastBeforeAPositionCounts() {
        var damage = SpoolDamage()
        damage.hole()
        damage.pass(.at(20), namespace: nil)
        damage.hole()
        damage.pass(.at(50), namespace: nil)
        #expect(damage.amended(.at(49), namespace: nil) == .at(49, since: 20, .unreadable))
        #expect(damage.amended(.at(60), namespace: nil) == .at(60, since: 50, .unreadable))
    }

    @Test func aHoleWithNothingBehindItBreaksNothing() {
        var damage = SpoolDamage()
        damage.pass(.at(20), namespace: nil)
        damage.hole()
        #expect(damage.isEmpty)
    }

    @Test func isTheSameAfterItWasWrittenDown() {
        var damage = SpoolDamage()
        damage.hole()
        damage.pass(.at(20), namespace: nil)
        damage.pass(.at(21), namespace: "b")
        #expect(SpoolDamage(records: damage.records).breaks == damage.breaks)
    }
}
