import KubernetesAPI
import Testing

@testable import LeaderElection

private func lease(
    _ holder: String?,
    version: String = "7",
    renewed: Int64 = 5,
    transitions: Int? = 3,
    duration: Int? = 15
) -> Lease {
    var lease = Lease(namespace: "kee", name: "collector")
    lease.resourceVersion = version
    lease.holderIdentity = holder
    lease.leaseDurationSeconds = duration
    lease.acquireTime = MicroTime(microseconds: 4)
    lease.renewTime = MicroTime(microseconds: renewed)
    lease.leaseTransitions = transitions
    return lease
}

@Suite("Who leads") struct LeaderElectionStateMachineTests {
    @Test func whoFindsNoLeaseCreatesItAndLeads() {
        var a = Contender("a")
        var store = Store()
        #expect(store.turn(&a) == .seconds(2))
        #expect(a.leads && a.machine.holder == "a")
        #expect(store.lease?.leaseTransitions == 0 && store.lease?.leaseDurationSeconds == 15)
        #expect(store.lease?.acquireTime == a.wall && store.lease?.renewTime == a.wall)
    }

    @Test func aRenewalKeepsAcquireTimeAndTransitionsAndAsksForNothingElse() {
        var a = Contender("a")
        var store = Store()
        store.turn(&a)
        let acquired = a.wall
        a.pass(2)
        let action = a.due()
        guard case .update(let renewal) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(renewal.acquireTime == acquired && renewal.renewTime == a.wall && renewal.leaseTransitions == 0)
        #expect(store.serve(&a, action) == .seconds(2))
        #expect(a.machine.leadsUntil == a.now + .seconds(10))
    }

    @Test(arguments: [
        (lease(""), 4), (lease(nil), 4), (lease("", transitions: nil), 1), (lease("b", duration: nil), 4),
        (lease("b", duration: -5), 4), (lease("a"), 3),
    ])
    func whatNobodyHoldsOrWeDoIsTaken(found: Lease, transitions: Int) {
        var a = Contender("a")
        #expect(a.due() == .read)
        let action = a.found(found)
        guard case .update(let taken) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(taken.holderIdentity == "a" && taken.leaseTransitions == transitions)
        #expect(taken.resourceVersion == "7" && taken.renewTime == a.wall && taken.leaseDurationSeconds == 15)
        // What we hold we have held since then.
        #expect(taken.acquireTime == (found.holderIdentity == "a" ? found.acquireTime : a.wall))
        #expect(!a.leads)
        #expect(a.written(taken) == .wait(.seconds(2)) && a.leads)
    }

    @Test func aLeaseIsTakenWhenItWasNotRenewedForItsDurationByOurOwnClock() {
        var a = Contender("a")
        // By its own words long expired, or of the future: neither is looked at.
        let found = lease("b", renewed: Bool.random() ? 0 : .max / 2)
        #expect(a.due() == .read && a.found(found) == .wait(.seconds(2)))
        a.pass(14)
        #expect(a.due() == .read && a.found(found) == .wait(.seconds(2)))
        a.pass(1)
        _ = a.due()
        guard case .update = a.found(found) else {
            Issue.record("it was not taken")
            return
        }
    }

    @Test func everyRenewalOfAnotherBeginsTheTimeAnew() {
        var a = Contender("a")
        for round in 0..<5 {
            #expect(a.due() == .read)
            #expect(a.found(lease("b", version: "\(round)", renewed: Int64(round))) == .wait(.seconds(2)))
            a.pass(14)
        }
    }

    @Test func whatSomebodyDoesToTheLabelsRenewsNothing() {
        var a = Contender("a")
        #expect(a.due() == .read && a.found(lease("b", version: "7")) == .wait(.seconds(2)))
        a.pass(15)
        _ = a.due()
        guard case .update(let taken) = a.found(lease("b", version: "8")) else {
            Issue.record("it was not taken")
            return
        }
        #expect(taken.resourceVersion == "8")
    }

    @Test func waitsOfTheCampaignAreSpread() {
        var a = Contender("a")
        #expect(a.due() == .read)
        #expect(a.found(lease("b"), random: 0.5) == .wait(.milliseconds(3200)))
        #expect(a.due() == .read)
        #expect(a.failed(.other, random: 0.999_999) < .wait(.milliseconds(4400)))
    }

    @Test(arguments: [LeaderElectionStateMachine.Failure.conflict, .notFound, .other])
    func whoIsSlowerStandsBy(failure: LeaderElectionStateMachine.Failure) {
        var a = Contender("a")
        #expect(a.due() == .read)
        guard case .create = a.found(nil) else {
            Issue.record("it was not created")
            return
        }
        #expect(a.failed(failure) == .wait(.seconds(2)) && !a.leads)
        #expect(a.due() == .read)
    }

    private func leader() -> (Contender, Store) {
        var a = Contender("a")
        var store = Store()
        store.turn(&a)
        a.pass(2)
        return (a, store)
    }

    @Test func aLeaderWhoseRenewalMeetsAConflictReadsAndRenewsWhatIsStillHis() {
        var (a, store) = leader()
        // Somebody has put a label on it.
        store.lease?.resourceVersion = "99"
        #expect(store.turn(&a) == .seconds(2))
        #expect(a.leads && a.machine.leadsUntil == a.now + .seconds(10))
    }

    @Test func aLeaderWhoFindsAnotherNameStopsAtOnce() {
        var (a, store) = leader()
        store.lease = lease("b", version: "99")
        #expect(store.turn(&a) == .seconds(2))
        #expect(!a.leads && a.machine.holder == "b")
    }

    @Test func aLeaderWhoseLeaseIsDeletedCreatesIt() {
        var (a, store) = leader()
        store.lease = nil
        let action = a.due()
        guard case .update = action else {
            Issue.record("\(action)")
            return
        }
        #expect(a.failed(.notFound) == .read)
        #expect(store.serve(&a, .read) == .seconds(2))
        #expect(a.leads && store.lease?.holderIdentity == "a")
    }

    @Test func afterAFailureThatSaysNothingTheLeaseIsReadFirst() {
        var (a, store) = leader()
        // The server did it, and its answer was lost.
        guard case .update(var renewal) = a.due() else {
            Issue.record("no renewal")
            return
        }
        renewal.resourceVersion = "99"
        store.lease = renewal
        #expect(a.failed(.other) == .wait(.seconds(2)) && a.leads)
        a.pass(2)
        #expect(a.due() == .read)
        #expect(store.serve(&a, .read) == .seconds(2))
        #expect(a.leads && store.lease?.resourceVersion == "2")
    }

    @Test func whoCannotRenewLeadsUntilTheDeadlineAndNoLonger() {
        var (a, _) = leader()
        a.pass(-2)
        for _ in 0..<4 {
            a.pass(2)
            _ = a.due()
            #expect(a.failed(.other) == .wait(.seconds(2)) && a.leads)
        }
        a.pass(1)
        #expect(!a.machine.deadlinePassed(at: a.now) && a.leads)
        a.pass(1)
        #expect(a.machine.deadlinePassed(at: a.now) && !a.leads)
        #expect(a.due() == .read)
    }

    @Test func aProcessThatWasStoppedForAWhileDoesNotLeadWhenItGoesOn() {
        var (a, store) = leader()
        a.pass(3600)
        // Even before anybody looks at the deadline.
        #expect(a.due() == .read && !a.leads)
        #expect(store.serve(&a, .read) == .seconds(2))
        #expect(a.leads && store.lease?.leaseTransitions == 0)
    }

    @Test func aRenewalCountsFromWhenItWasAskedFor() {
        var (a, _) = leader()
        let asked = a.now
        guard case .update(let renewal) = a.due() else {
            Issue.record("no renewal")
            return
        }
        a.pass(4)
        #expect(a.written(renewal) == .wait(.seconds(2)))
        #expect(a.machine.leadsUntil == asked + .seconds(10))
        // One whose answer comes after its own time is over is none.
        guard case .update(let late) = a.due() else {
            Issue.record("no renewal")
            return
        }
        a.pass(10)
        _ = a.written(late)
        #expect(!a.leads)
    }

    @Test func aReleaseLeavesTheRecordThatClientGoLeaves() {
        var (a, store) = leader()
        #expect(store.serve(&a, a.release()) == nil)
        #expect(!a.leads)
        #expect(store.lease?.holderIdentity == "" && store.lease?.leaseDurationSeconds == 1)
        #expect(store.lease?.leaseTransitions == 0)
        #expect(store.lease?.renewTime == a.wall && store.lease?.acquireTime == a.wall)
        #expect(a.due() == .stop && a.release() == .stop)
        var b = Contender("b")
        store.turn(&b)
        #expect(b.leads && store.lease?.leaseTransitions == 1)
    }

    @Test func aReleaseDoesNotTakeTheLeaseFromAnother() {
        var (a, store) = leader()
        store.lease = lease("b", version: "99")
        #expect(store.serve(&a, a.release()) == nil)
        #expect(store.lease == lease("b", version: "99"))
        // Nor does one who never led touch it.
        var c = Contender("c")
        store.turn(&c)
        #expect(c.release() == .stop)
    }

    @Test func aReleaseReadsFirstWhenAWriteWasCutOff() {
        // It campaigned, and the process was told to end before the answer came.
        var a = Contender("a")
        var store = Store()
        _ = a.due()
        guard case .create(var created) = a.found(nil) else {
            Issue.record("it was not created")
            return
        }
        created.resourceVersion = "1"
        store.lease = created
        #expect(a.release() == .read)
        #expect(store.serve(&a, .read) == nil)
        #expect(store.lease?.holderIdentity == "")
    }

    @Test func aReleaseThatFailsIsGivenUp() {
        var (a, store) = leader()
        _ = a.release()
        #expect(a.failed(.other) == .stop)
        (a, store) = leader()
        _ = a.release()
        for _ in 0..<2 {
            #expect(a.failed(.conflict) == .read)
            guard case .update = a.found(lease("a", version: "99")) else {
                Issue.record("no second try")
                return
            }
        }
        #expect(a.failed(.conflict) == .stop)
        withExtendedLifetime(store) {}
    }

    /// Two contenders whose clocks show different times and whose turns come in any order; the server is away now and
    /// then, and each is stopped for a while now and then.
    @Test(arguments: 0..<50) func atMostOneOfTwoLeads(seed: UInt64) {
        var random = SplitMix(state: seed)
        let start = ContinuousClock.now
        var contenders = [Contender("a", now: start), Contender("b", now: start + .seconds(5000))]
        contenders[1].wall = MicroTime(microseconds: -1)
        var dueAt = [0, 1]
        var stoppedUntil = [0, 0]
        var store = Store()
        var ledBy: Set<String> = []
        for second in 0..<3000 {
            for index in contenders.indices {
                contenders[index].pass(1)
                guard second >= stoppedUntil[index] else { continue }
                if random.next() % 200 == 0 { stoppedUntil[index] = second + Int(random.next() % 40) }
                // What the elector's clock does.
                _ = contenders[index].machine.deadlinePassed(at: contenders[index].now)
                guard second >= dueAt[index] else { continue }
                let action = contenders[index].due()
                let wait: Duration?
                if random.next() % 4 == 0 {
                    _ = contenders[index].failed(.other)
                    wait = .seconds(2)
                } else {
                    wait = store.serve(&contenders[index], action)
                }
                dueAt[index] = second + Int((wait ?? .zero).components.seconds)
            }
            // One that is stopped does nothing, whatever it believes.
            let leaders = contenders.indices.filter { second >= stoppedUntil[$0] && contenders[$0].leads }
            if leaders.count > 1 { Issue.record("two lead after \(second) s") }
            for leader in leaders { ledBy.insert(contenders[leader].identity) }
        }
        #expect(ledBy == ["a", "b"])
    }
}

extension LeaderElectionStateMachine.Action {
    fileprivate static func < (left: Self, right: Self) -> Bool {
        guard case .wait(let first) = left, case .wait(let second) = right else { return false }
        return first < second
    }
}
