import JSON
import Testing

@testable import ChaosHarness

@Suite("The verdict of a chaos run")
struct VerdictTests {
    /// A journal in which time and version are the same number.
    private struct Journal {
        var text = ""

        mutating func put(_ name: String, _ version: Int, type: String = "ADDED", message: String = "m") {
            text += #"{"type":"\#(type)","rv":\#(version),"time":\#(version),"key":"shop/\#(name)","#
            text += #""object":\#(Self.object(name, version, message))}"# + "\n"
        }

        mutating func order(_ type: String, _ version: Int, time: Int) {
            text += #"{"type":"\#(type)","rv":\#(version),"time":\#(time)}"# + "\n"
        }

        static func object(_ name: String, _ version: Int, _ message: String = "m") -> String {
            let uid = "00000000-0000-4000-8000-" + String(repeating: name, count: 12)
            return #"{"metadata":{"uid":"\#(uid)","resourceVersion":"\#(version)"},"message":"\#(message)","count":1}"#
        }

        func truth() throws -> Truth { try Truth(journal: Array(text.utf8)) }
    }

    private func identity(_ name: String, _ version: Int, message: String = "m") throws -> StateIdentity {
        try StateIdentity(JSONDocument(parsing: Array(Journal.object(name, version, message).utf8)).root)
    }

    private func verdict(
        _ journal: Journal,
        archived: [StateIdentity],
        stretches: [ClosedRange<Int64>] = []
    ) throws -> Verdict {
        let counts = Dictionary(grouping: archived, by: \.self).mapValues(\.count)
        return Verdict(try journal.truth(), Archived(counts: counts, stretches: stretches))
    }

    @Test func allOfItOnceIsGood() throws {
        var journal = Journal()
        journal.put("a", 1)
        journal.put("a", 2, type: "MODIFIED")
        journal.put("a", 3, type: "DELETED")
        journal.put("b", 4)
        let verdict = try verdict(journal, archived: [identity("a", 1), identity("a", 2), identity("b", 4)])
        #expect(verdict.isGood && verdict.hasLast)
        #expect(verdict.created == 3 && verdict.archived == 3)
    }

    @Test func twiceIsDoubledAndNotAtAllIsLost() throws {
        var journal = Journal()
        journal.put("a", 1)
        journal.put("b", 2)
        let verdict = try verdict(journal, archived: [identity("a", 1), identity("a", 1)])
        #expect(verdict.doubled == 1 && verdict.lost == 1 && verdict.archived == 1)
        #expect(!verdict.isGood && !verdict.hasLast)
        #expect(verdict.firstLost.map(\.identity) == [try identity("b", 2)])
    }

    @Test func otherContentsAreLostAndAltered() throws {
        var journal = Journal()
        journal.put("a", 1)
        let verdict = try verdict(journal, archived: [identity("a", 1, message: "n")])
        #expect(verdict.lost == 1 && verdict.altered == 1)
    }

    @Test func onlyWhatNobodyCouldSeeIsUnobservableAndOnlyInAGap() throws {
        var journal = Journal()
        journal.put("a", 10)
        journal.put("a", 12, type: "MODIFIED")
        journal.order("COMPACT", 12, time: 13)
        let rest = [try identity("a", 12)]
        let gap = [Int64(1)...9, 14...20]
        #expect(try verdict(journal, archived: rest, stretches: gap).unobservable == 1)
        #expect(try verdict(journal, archived: rest, stretches: gap).isGood)
        // The archive does not say so.
        #expect(try verdict(journal, archived: rest).lost == 1)
        #expect(try verdict(journal, archived: rest, stretches: [1...20]).lost == 1)
        #expect(try verdict(journal, archived: rest, stretches: [1...5]).lost == 1, "it was not watched at all")
        // Two collectors' stretches count together.
        #expect(try verdict(journal, archived: rest, stretches: gap + [8...15]).lost == 1)
        // What it vouches for ends with the very moment.
        #expect(try verdict(journal, archived: rest, stretches: [1...10, 14...20]).lost == 1)
        // A list at the end of the gap shows what still stands then.
        #expect(try verdict(journal, archived: [identity("a", 10)], stretches: gap).lost == 1)
        #expect(try verdict(journal, archived: rest, stretches: [1...9, 11...11, 14...20]).lost == 1)
    }

    @Test func whatCameAfterTheCompactionCouldNotBeSeenEither() throws {
        var journal = Journal()
        journal.order("COMPACT", 9, time: 10)
        // Nobody has a version between these two that a watch could begin from.
        journal.put("a", 11)
        journal.put("a", 12, type: "MODIFIED")
        #expect(try verdict(journal, archived: [identity("a", 12)], stretches: [1...9, 14...20]).unobservable == 1)
    }

    @Test func aGapWithoutNeedIsNoExcuse() throws {
        var journal = Journal()
        journal.order("COMPACT", 1, time: 5)
        journal.put("a", 10)
        journal.put("a", 11, type: "MODIFIED")
        journal.order("COMPACT", 11, time: 14)
        #expect(try verdict(journal, archived: [identity("a", 11)], stretches: [1...9, 13...20]).lost == 1)
    }

    @Test func whatARestoreUndidMayBeThereOrNot() throws {
        var journal = Journal()
        journal.put("a", 10)
        journal.order("BACKUP", 10, time: 10)
        journal.put("a", 11, type: "MODIFIED", message: "undone")
        journal.put("b", 12)
        journal.order("RESTORE", 10, time: 13)
        journal.put("a", 11, type: "MODIFIED", message: "done")
        let truth = [try identity("a", 10), try identity("a", 11, message: "done")]
        let without = try verdict(journal, archived: truth)
        #expect(without.isGood && without.rolledBack == 2 && without.rolledBackArchived == 0)
        let with = try verdict(journal, archived: truth + [identity("a", 11, message: "undone"), identity("b", 12)])
        #expect(with.isGood && with.rolledBackArchived == 2 && with.created == 2)
        #expect(try verdict(journal, archived: [truth[0]]).lost == 1)
    }

    @Test func aTornLastLineWasNeverSeen() throws {
        var journal = Journal()
        journal.put("a", 1)
        journal.text += #"{"type":"ADDED","rv":2"#
        #expect(try journal.truth().states.count == 1)
    }
}
