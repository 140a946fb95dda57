internal import DequeModule

/// What a listener has not taken yet, bounded by number and by bytes.
struct FrameBuffer: Sendable {
    private var frames: Deque<[UInt8]> = []
    private(set) var bytes = 0
    let mostFrames: Int
    let mostBytes: Int

    init(mostFrames: Int, mostBytes: Int) {
        (self.mostFrames, self.mostBytes) = (mostFrames, mostBytes)
    }

    var isEmpty: Bool { frames.isEmpty }

    /// Whether another frame goes in. An empty one takes any.
    func takes(_ frame: [UInt8]) -> Bool {
        frames.isEmpty || (frames.count < mostFrames && bytes + frame.count <= mostBytes)
    }

    mutating func append(_ frame: [UInt8]) {
        frames.append(frame)
        bytes += frame.count
    }

    /// The next frames together, about `limit` bytes of them, at least one.
    mutating func take(_ limit: Int) -> [UInt8] {
        guard var taken = frames.popFirst() else { return [] }
        while let next = frames.first, taken.count + next.count <= limit {
            taken += next
            frames.removeFirst()
        }
        bytes -= taken.count
        return taken
    }
}
