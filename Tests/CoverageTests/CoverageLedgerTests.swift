import Coverage
import Testing

@Suite("The ledger of coverage")
struct CoverageLedgerTests {
    @Test func aGapShowsInARangeThatHoldsItCutToTheRange() {
        let ledger = CoverageLedger(.init(0...10, .first), .init(20...100))
        #expect(ledger.gaps(nil, nil, at: 100) == [.init(10, 20, .expired)])
        #expect(ledger.gaps(12, 15, at: 100) == [.init(12, 15, .expired)])
        #expect(ledger.gaps(5, 11, at: 100) == [.init(10, 11, .expired)])
        #expect(ledger.gaps(0, 10, at: 100) == [])
        #expect(ledger.gaps(20, nil, at: 100) == [])
    }

    @Test func whatEndsAGapIsItsReason() {
        for (cause, reason) in zip(
            [CoverageStretch.Cause.expired, .restored, .unreadable, .first],
            [CoverageGap.Reason.expired, .restored, .unreadable, .notWatched]
        ) {
            let ledger = CoverageLedger(.init(0...10, .first), .init(20...30, cause), .init(29...100, .restored))
            #expect(ledger.gaps(nil, nil, at: 100) == [.init(10, 20, reason)])
        }
    }

    @Test func theTimeBeforeTheFirstWatchIsAGapOnlyIfItWasAskedFor() {
        let ledger = CoverageLedger(.init(10...100, .first))
        #expect(ledger.gaps(nil, nil, at: 100) == [])
        #expect(ledger.gaps(10, nil, at: 100) == [])
        #expect(ledger.gaps(4, nil, at: 100) == [.init(4, 10, .beforeFirstWatch)])
        #expect(ledger.gaps(4, 6, at: 100) == [.init(4, 6, .beforeFirstWatch)])
    }

    @Test func aWatchThatStoppedLeavesAnOpenGap() {
        let ledger = CoverageLedger(.init(0...10, .first))
        #expect(ledger.gaps(nil, nil, at: 13) == [], "it may just be quiet")
        #expect(ledger.gaps(nil, nil, at: 14) == [.init(10, nil, .notWatchedSince)])
        #expect(ledger.gaps(nil, 12, at: 14) == [.init(10, 12, .notWatchedSince)])
        #expect(ledger.gaps(nil, 99, at: 14) == [.init(10, nil, .notWatchedSince)], "the future is not over")
        #expect(ledger.gaps(12, nil, at: 14) == [.init(12, nil, .notWatchedSince)])
        #expect(ledger.gaps(nil, 10, at: 14) == [])
        #expect(ledger.gaps(20, 30, at: 14) == [])
    }

    @Test func stretchesOfTwoCollectorsAreUnited() {
        let ledger = CoverageLedger(
            .init(30...40, .restored),
            .init(0...10, .first),
            .init(5...20, .first),
            .init(8...9),
            .init(20...25)
        )
        #expect(ledger.whole?.stretches == [.init(0...25, .first), .init(30...40, .restored)])
        #expect(ledger.whole?.coveredUntil == 40 * minute)
    }

    @Test func theResolutionOfTheClockIsNoGap() {
        func ledger(_ distance: Int64) -> CoverageLedger {
            CoverageLedger(
                CoverageStretch(since: 0, until: 10, cause: .first),
                CoverageStretch(since: 10 + distance, until: 20, cause: .expired)
            )
        }
        #expect(ledger(1).gaps(nil, nil, at: 0) == [])
        #expect(ledger(2).gaps(nil, nil, at: 0) == [CoverageGap(from: 10, until: 12, reason: .expired)])
    }

    @Test func aLineThatCouldNotBeReadIsAGapWithoutLength() {
        let ledger = CoverageLedger(.init(0...10, .first), .init(10...100, .unreadable))
        #expect(ledger.gaps(nil, nil, at: 100) == [.init(10, 10, .unreadable)])
        #expect(ledger.gaps(10, 11, at: 100) == [.init(10, 10, .unreadable)])
        #expect(ledger.gaps(9, 10, at: 100) == [])
        #expect(ledger.gaps(11, nil, at: 100) == [])
        #expect(ledger.whole?.stretches == [.init(0...10, .first), .init(10...100, .unreadable)])
    }

    @Test func aLineThatCouldNotBeReadIsMissingWhoeverElseWatched() {
        let ledger = CoverageLedger(.init(0...100, .first), .init(10...30, .unreadable))
        #expect(ledger.gaps(nil, nil, at: 100) == [.init(10, 10, .unreadable)])
        #expect(ledger.whole?.coveredUntil == 100 * minute)
    }

    @Test func aNamespaceIsWatchedByItselfOrWithAllOthers() {
        let ledger = CoverageLedger([
            "": .init([.init(20...30, .first), .init(50...100)]),
            "shop": .init([.init(0...22, .first), .init(40...45)]),
        ])
        #expect(
            ledger.gaps("shop", nil, nil, at: 100)
                == [.init(30, 40, .expired, of: "shop"), .init(45, 50, .expired, of: "shop")]
        )
        #expect(ledger.gaps("other", nil, nil, at: 100) == [.init(30, 50, .expired, of: "other")])
        #expect(ledger.gaps(nil, nil, at: 100) == [.init(30, 50, .expired)])
        #expect(ledger.scopes.map(\.namespace) == [nil, "shop"])
    }

    @Test func aClusterOfWatchedNamespacesHasTheGapsOfEach() {
        let ledger = CoverageLedger([
            "a": .init([.init(0...10, .first), .init(12...100)]), "b": .init([.init(0...5, .first), .init(20...100)]),
            "c": .init([.init(0...100, .first)]),
        ])
        #expect(
            ledger.gaps(nil, nil, at: 100) == [.init(10, 12, .expired, of: "a"), .init(5, 20, .expired, of: "b")]
        )
        #expect(ledger.gaps("c", nil, nil, at: 100) == [])
        #expect(ledger.gaps("d", 7, nil, at: 100) == [.init(7, nil, .notWatched, of: "d")])
        #expect(ledger.gaps("d", nil, 9, at: 100) == [.init(nil, 9, .notWatched, of: "d")])
        #expect(ledger.gaps("d", 101, nil, at: 100) == [])
    }

    @Test func ofAClusterThatNobodyWatchedNothingIsSaid() {
        for ledger in [CoverageLedger([:]), CoverageLedger(["": .init([]), "shop": .init([])])] {
            #expect(ledger.isEmpty && ledger.scopes.isEmpty)
            #expect(ledger.gaps(nil, 0, 10, at: 100) == [])
            #expect(ledger.gaps("shop", 0, 10, at: 100) == [])
        }
    }

    @Test func anAnswerHasAHundredGapsTheNewest() {
        func gaps(_ count: Int64, since: Int64? = nil) -> CoverageGaps {
            CoverageLedger(["": .init((0...count).map { CoverageStretch($0 * 10...$0 * 10 + 5) })])
                .gaps(of: nil, in: CoverageRange(minutes: since, nil), now: count * 10 * minute)
        }
        #expect(gaps(100).gaps.count == 100 && !gaps(100).isTruncated)
        #expect(gaps(101).gaps.count == 100 && gaps(101).isTruncated)
        #expect(gaps(101).gaps.first == .init(15, 20, .expired))
        #expect(gaps(101).gaps.last == .init(1005, 1010, .expired))
        #expect(gaps(100, since: -1).isTruncated, "the time before the first watch is the gap too many")
        #expect(!gaps(101, since: 15).isTruncated)

        let many = CoverageLedger(
            Dictionary(uniqueKeysWithValues: (0..<Int64(150)).map { ("ns-\($0)", .init([.init(0...$0)])) })
        ).gaps(of: nil, in: CoverageRange(), now: 1_000 * minute)
        #expect(many.gaps.count == 100 && many.isTruncated)
        #expect(many.gaps.first == .init(50, nil, .notWatchedSince, of: "ns-50"))
    }

    @Test func whatWasNotReadOfALedgerIsNeitherGapNorCoverage() {
        let ledger = CoverageLedger([
            "": .init([.init(50...60), .init(70...100)], isTruncated: true),
            "shop": .init([.init(0...10, .first), .init(20...55)]),
        ])
        for namespace in [nil, "shop"] {
            let gaps = ledger.gaps(of: namespace, in: CoverageRange(minutes: 1, nil), now: 100 * minute)
            #expect(gaps.gaps == [.init(60, 70, .expired, of: namespace)])
            #expect(gaps.isTruncated)
            #expect(!ledger.gaps(of: namespace, in: CoverageRange(minutes: 50, nil), now: 100 * minute).isTruncated)
        }
    }

    @Test func theGapsOfAllClustersAreInTheOrderOfTime() {
        let archive = ArchiveCoverage([
            "a": CoverageLedger(.init(0...10, .first), .init(20...100)), "b": CoverageLedger([:]),
            "c": CoverageLedger(.init(0...5, .first), .init(6...50)),
        ])
        let all = archive.gaps(of: nil, in: CoverageRange(), now: 100 * minute)
        #expect(all.gaps.map(\.cluster) == ["c", "a", "c"])
        #expect(all.gaps.last?.gap == .init(50, nil, .notWatchedSince))
        #expect(archive.gaps(of: "a", in: CoverageRange(), now: 100 * minute).gaps.map(\.cluster) == ["a"])
        #expect(archive.gaps(of: "b", in: CoverageRange(minutes: 0, nil), now: 100 * minute).isEmpty)
        #expect(archive["b"] == nil)
    }
}
