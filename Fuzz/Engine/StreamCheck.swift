internal import KubernetesAPI

/// The body of a watch: the same lines and frames, wherever the chunks are cut.
struct StreamCheck {
    let body: [UInt8]
    let limit: Int

    /// A document or several, with what can stand between lines.
    init(_ documents: [FuzzDocument], _ random: inout SeededGenerator) {
        let ends: [[UInt8]] = [[0x0a], [0x0a], [0x0d, 0x0a], [0x0a, 0x0a], [0x0a, 0x20, 0x0a], []]
        body = documents.flatMap { $0.text + ends[Int.random(in: 0..<ends.count, using: &random)] }
        // Below 4 KiB the head of an oversized line would depend on the cuts, and no reader is made so.
        limit = random.once(in: 4) ? Int.random(in: 4096...8192, using: &random) : 8 << 20
    }

    func run(_ counts: inout FuzzCounts, _ random: inout SeededGenerator) throws {
        var whole = WatchLineSplitter(limit: limit)
        whole.append(body)
        var expected: [WatchLineSplitter.Line] = []
        while let line = whole.next() { expected.append(line) }
        if let line = whole.finish() { expected.append(line) }

        var splitter = WatchLineSplitter(limit: limit)
        var lines: [WatchLineSplitter.Line] = []
        let longest = 1 << Int.random(in: 0...14, using: &random)
        var rest = body[...]
        while !rest.isEmpty {
            // As the API server does, or as it never does.
            let size = Int.random(in: 0..<4, using: &random) == 0 ? 2048 : Int.random(in: 0...longest, using: &random)
            splitter.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
            while let line = splitter.next() { lines.append(line) }
        }
        if let line = splitter.finish() { lines.append(line) }

        guard lines == expected else { throw FuzzFailure(description: "the lines of a watch depend on its chunks") }
        for line in lines {
            let frame = WatchFrame(line)
            counts.frames += 1
            guard frame == WatchFrame(line) else { throw FuzzFailure(description: "a frame does not equal itself") }
            if frame.resourceVersion?.isEmpty == true, case .oversized = line {
            } else if frame.resourceVersion == "" {
                throw FuzzFailure(description: "a frame reaches an empty version")
            }
        }
    }
}
