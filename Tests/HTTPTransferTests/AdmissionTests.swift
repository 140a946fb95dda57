import Testing

@testable import HTTPTransfer

@Suite("Which transfers may start")
struct AdmissionTests {
    private static func started(_ admission: inout Admission) -> [UInt64] {
        var ids: [UInt64] = []
        while let id = admission.next() { ids.append(id) }
        return ids
    }

    @Test("First come, first served, up to the limit")
    func order() {
        var admission = Admission(limit: 2, limitPerHost: 2)
        for id in 1...4 { admission.submitted(UInt64(id), host: "one") }
        #expect(Self.started(&admission) == [1, 2])
        admission.finished(2)
        #expect(Self.started(&admission) == [3])
        #expect(admission.waitingCount == 1)
    }

    @Test("A full host keeps nobody from another")
    func hosts() {
        var admission = Admission(limit: 10, limitPerHost: 1)
        admission.submitted(1, host: "one")
        admission.submitted(2, host: "one")
        admission.submitted(3, host: "two")
        #expect(Self.started(&admission) == [1, 3])
        admission.finished(3)
        #expect(Self.started(&admission).isEmpty)
        admission.finished(1)
        #expect(Self.started(&admission) == [2])
    }

    @Test("One that gives up while it waits takes no slot, and an unknown one gives none")
    func givesUp() {
        var admission = Admission(limit: 1, limitPerHost: 1)
        for id in 1...3 { admission.submitted(UInt64(id), host: "one") }
        #expect(Self.started(&admission) == [1])
        admission.finished(2)
        admission.finished(99)
        #expect(Self.started(&admission).isEmpty)
        admission.finished(1)
        admission.finished(1)
        #expect(Self.started(&admission) == [3])
    }

    @Test("Limits below one are one: nobody waits for ever")
    func senselessLimits() {
        var admission = Admission(limit: 0, limitPerHost: -1)
        admission.submitted(1, host: "one")
        #expect(Self.started(&admission) == [1])
    }
}
