import EventModel
import EventReader
import EventWriter
import Glibc
import TestSupport
import Testing

/// What the reader answers is what a look at each of fifty thousand events answers.
@Suite("The reader and a look at every event")
struct ReferenceTests {
    private static func filled(_ reference: ReferenceArchive) async throws -> TestArchive {
        let archive = try await TestArchive()
        for (cluster, events) in zip(ReferenceArchive.clusters, reference.events) {
            let writer = archive.writer(cluster: cluster)
            for start in stride(from: 0, to: events.count, by: 1_000) {
                let batch = Array(events[start..<min(start + 1_000, events.count)])
                let outcome = try await writer.write(batch, deadline: TestArchive.soon)
                #expect(outcome.stored == batch.count)
            }
        }
        try await archive.execute("ANALYZE kee.event")
        return archive
    }

    @Test func everyQuestionIsAnsweredAsALookAtEachEventAnswersIt() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of the reference: \(seed)")
        let begin = ContinuousClock.now
        let reference = try ReferenceArchive(count: 50_000, seed: seed)
        let archive = try await Self.filled(reference)
        let filled = ContinuousClock.now
        var random = SplitMix64(state: seed)
        var walked = 0
        for number in 1...300 {
            let question = ReferenceQuestion(using: &random)
            let t0 = ContinuousClock.now
            let w = try await Self.check(question, number, reference, archive)
            walked += w
            if ContinuousClock.now - t0 > .seconds(1) {
                print("SLOW \(number) \(ContinuousClock.now - t0) \(w) \(question)")
            }
        }
        print("filled in \(filled - begin), 300 questions with \(walked) events in \(ContinuousClock.now - filled)")
        for _ in 1...30 {
            try await Self.checkOverview(ReferenceQuestion.visibility(using: &random), reference, archive)
        }
        try await Self.checkOverview(.everything, reference, archive)
        await archive.close()
    }

    /// Walks an answer page by page; of a long one the beginning, a stretch from somewhere in it, and the end.
    private static func check(
        _ question: ReferenceQuestion,
        _ number: Int,
        _ reference: ReferenceArchive,
        _ archive: TestArchive
    ) async throws -> Int {
        let expected = question.answer(from: reference)
        let label = "question \(number): \(question)"
        func walk(from start: Int, pages: Int) async throws {
            var place = start
            var cursor = start == 0 ? nil : EventCursor(time: expected[start - 1].time, id: expected[start - 1].id)
            for page in 0..<pages {
                let answer = try await archive.reader.page(
                    question.query,
                    after: cursor,
                    limit: question.limit,
                    deadline: TestArchive.soon
                )
                let part = Array(expected[place..<min(place + question.limit, expected.count)])
                let found = answer.numbers
                try #require(found == part.map(\.number), "\(label) at \(place) of \(expected.count)")
                #expect(answer.count == part.count)
                place += part.count
                #expect((answer.next == nil) == (place == expected.count), "\(label) at \(place) of \(expected.count)")
                if start == 0, page == 0, let remaining = answer.remaining {
                    #expect(remaining == Int64(expected.count - place), "\(label)")
                }
                guard let next = answer.next else { return }
                cursor = next
            }
        }
        let most = 400 / question.limit + 8
        guard expected.count > most * question.limit else {
            try await walk(from: 0, pages: most + 1)
            return expected.count
        }
        try await walk(from: 0, pages: 3)
        try await walk(from: expected.count / 3, pages: 3)
        try await walk(from: expected.count - 2 * question.limit, pages: 3)
        return 8 * question.limit
    }

    /// The newest of each cluster, and what is said of clusters and namespaces.
    private static func checkOverview(
        _ visibility: Visibility,
        _ reference: ReferenceArchive,
        _ archive: TestArchive
    ) async throws {
        let visible = reference.entries.filter {
            let place = ReferenceArchive.places[$0.place]
            return visibility.includes(cluster: place.cluster, namespace: place.namespace)
        }
        let newest = ReferenceArchive.clusters.flatMap { cluster in
            visible.filter { ReferenceArchive.places[$0.place].cluster == cluster }.suffix(7)
        }.sorted { ($0.time, $0.id) > ($1.time, $1.id) }
        let page = try await archive.reader.newestOfEachCluster(7, visibility: visibility, deadline: TestArchive.soon)
        #expect(page.numbers == newest.map(\.number), "\(visibility)")

        let clusters = try await archive.reader.clusters(visibility: visibility, deadline: TestArchive.soon)
        #expect(
            clusters.map(\.name)
                == ReferenceArchive.clusters.filter { cluster in
                    switch visibility[cluster] {
                    case .all: true
                    case .only(let namespaces): !namespaces.isEmpty
                    case nil: false
                    }
                }
        )
        for cluster in clusters {
            let events = visible.filter { ReferenceArchive.places[$0.place].cluster == cluster.name }
            #expect(cluster.events == Int64(events.count), "\(visibility)")
            #expect(cluster.firstEvent == events.first?.time && cluster.lastEvent == events.last?.time)
            var namespaces: [NamespaceSummary] = []
            repeat {
                let page = try await archive.reader.namespaces(
                    of: cluster.name,
                    visibility: visibility,
                    after: namespaces.last?.name,
                    limit: 40,
                    deadline: TestArchive.soon
                )
                namespaces += page
                if page.count < 40 { break }
            } while true
            let byName = Dictionary(grouping: events) { ReferenceArchive.places[$0.place].namespace }
            #expect(
                namespaces
                    == byName.keys.sorted().map { name in
                        let times = byName[name]?.map(\.time) ?? []
                        return NamespaceSummary(
                            name: name,
                            events: Int64(times.count),
                            firstEvent: times.first,
                            lastEvent: times.last
                        )
                    },
                "\(visibility)"
            )
        }
    }
}

extension EventPage {
    /// The resourceVersions in order, found without parsing: half a million of them are.
    fileprivate var numbers: [Int] {
        var numbers: [Int] = []
        let marker = #""resourceVersion":""#
        (items + [0]).withUnsafeBytes { bytes in
            var rest = bytes.bindMemory(to: CChar.self).baseAddress
            while let start = rest, let found = strstr(start, marker) {
                let digits = found + marker.utf8.count
                numbers.append(atol(digits))
                rest = UnsafePointer(digits)
            }
        }
        return numbers
    }
}
