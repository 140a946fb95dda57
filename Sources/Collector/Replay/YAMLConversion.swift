import JSON

/// Writes one YAML document as JSON, in one pass over libyaml's events.
///
/// Of a duplicated key both members are written, and the last counts. A merged mapping (`<<`) stands before the
/// members of its own, which win. An alias is the text that its anchor stood for; what all aliases of a document bring
/// in together, and anchors keep, is bounded, since a few nested ones can stand for billions.
struct YAMLConversion: ~Copyable {
    private struct Container {
        var isMapping: Bool
        var anchor: String?
        /// Where its bracket stands.
        var start: Int
        var isEmpty = true
        /// In a mapping: whether a key comes next.
        var expectsKey = true
        /// In a mapping: where the value of `<<` begins that is being read.
        var mergeStart: Int?
        /// Members to stand before its own, in the order in which they win over each other, the last first.
        var merged: [[UInt8]] = []
    }

    private let limits: ReplayLimits
    private var output: JSONOutput
    private var containers: [Container] = []
    private var anchors: [String: [UInt8]] = [:]
    private var expanded = 0

    /// - Returns: the JSON text, and why it stops where it does, if that is not the end of the document.
    static func json(of text: [UInt8], limits: ReplayLimits) -> (json: [UInt8], failure: YAMLFailure?) {
        var conversion = YAMLConversion(limits: limits, capacity: text.count)
        let parser = YAMLParser(text)
        do throws(YAMLFailure) {
            while try conversion.take(try parser.next()) {}
            return (conversion.output.bytes, nil)
        } catch {
            return (conversion.output.bytes, error)
        }
    }

    private init(limits: ReplayLimits, capacity: Int) {
        self.limits = limits
        output = JSONOutput(capacity: capacity)
    }

    /// Says whether there may be more.
    private mutating func take(_ event: YAMLEvent) throws(YAMLFailure) -> Bool {
        switch event {
        case .endOfText: return false
        case .end: try endContainer()
        case .sequenceStart(let anchor): try begin(isMapping: false, anchor: anchor)
        case .mappingStart(let anchor): try begin(isMapping: true, anchor: anchor)
        case .scalar(let scalar): try take(scalar)
        case .alias(let name): try takeAlias(name)
        }
        return true
    }

    /// Whether what comes next is the name of a member.
    private var expectsKey: Bool { containers.last.map { $0.isMapping && $0.expectsKey } ?? false }

    private mutating func take(_ scalar: YAMLScalar) throws(YAMLFailure) {
        if expectsKey {
            if scalar.meaning == .merge { return beginMerge() }
            beginKey()
            let start = output.count
            output.write(string: scalar.text)
            try remember(scalar.anchor, from: start)
            output.write(UInt8(ascii: ":"))
        } else {
            let start = beginValue()
            scalar.write(to: &output)
            try remember(scalar.anchor, from: start)
            try endValue()
        }
    }

    private mutating func takeAlias(_ name: String) throws(YAMLFailure) {
        guard let text = anchors[name] else { throw fail("an alias without an anchor before it: *\(name.prefix(64))") }
        try expand(by: text.count)
        guard expectsKey else {
            _ = beginValue()
            output.write(text)
            return try endValue()
        }
        beginKey()
        switch text.first {
        case UInt8(ascii: "\""): output.write(text)
        case UInt8(ascii: "{"), UInt8(ascii: "["): throw fail("a key that is neither a string nor a number")
        default:
            output.write(UInt8(ascii: "\""))
            output.write(text)
            output.write(UInt8(ascii: "\""))
        }
        output.write(UInt8(ascii: ":"))
    }

    private mutating func begin(isMapping: Bool, anchor: String?) throws(YAMLFailure) {
        guard !expectsKey else { throw fail("a key that is neither a string nor a number") }
        let start = beginValue()
        output.write(isMapping ? UInt8(ascii: "{") : UInt8(ascii: "["))
        containers.append(Container(isMapping: isMapping, anchor: anchor, start: start))
    }

    private mutating func endContainer() throws(YAMLFailure) {
        guard let container = containers.popLast() else { return }
        if !container.merged.isEmpty { insert(container.merged, behind: container.start, isAlone: container.isEmpty) }
        output.write(container.isMapping ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        try remember(container.anchor, from: container.start)
        try endValue()
    }

    private mutating func beginKey() {
        guard let last = containers.indices.last else { return }
        if !containers[last].isEmpty { output.write(UInt8(ascii: ",")) }
        containers[last].isEmpty = false
        containers[last].expectsKey = false
    }

    private mutating func beginMerge() {
        guard let last = containers.indices.last else { return }
        containers[last].mergeStart = output.count
        containers[last].expectsKey = false
    }

    /// Returns where the value begins.
    private mutating func beginValue() -> Int {
        if let last = containers.indices.last, !containers[last].isMapping {
            if !containers[last].isEmpty { output.write(UInt8(ascii: ",")) }
            containers[last].isEmpty = false
        }
        return output.count
    }

    private mutating func endValue() throws(YAMLFailure) {
        guard let last = containers.indices.last, containers[last].isMapping else { return }
        containers[last].expectsKey = true
        guard let start = containers[last].mergeStart else { return }
        containers[last].mergeStart = nil
        let value = bytes(from: start)
        output.truncate(to: start)
        containers[last].merged = try Self.members(of: value) + containers[last].merged
    }

    /// The members of a merged mapping, or of a list of them, the last first since the first wins.
    private static func members(of value: [UInt8]) throws(YAMLFailure) -> [[UInt8]] {
        guard let root = (try? JSONDocument(parsing: value))?.root else { throw fail("<< nested too deep") }
        let mappings = root.kind == .array ? Array(root.elements) : [root]
        guard mappings.allSatisfy({ $0.kind == .object }) else { throw fail("<< with something that is no mapping") }
        return mappings.reversed().map { Array($0.jsonBytes.dropFirst().dropLast()) }.filter { !$0.isEmpty }
    }

    private mutating func insert(_ members: [[UInt8]], behind start: Int, isAlone: Bool) {
        let own = bytes(from: start + 1)
        output.truncate(to: start + 1)
        for (index, text) in members.enumerated() {
            if index > 0 { output.write(UInt8(ascii: ",")) }
            output.write(text)
        }
        if !isAlone { output.write(UInt8(ascii: ",")) }
        output.write(own)
    }

    private mutating func remember(_ anchor: String?, from start: Int) throws(YAMLFailure) {
        guard let anchor else { return }
        try expand(by: output.count - start)
        anchors[anchor] = bytes(from: start)
    }

    private mutating func expand(by count: Int) throws(YAMLFailure) {
        expanded += count
        guard expanded <= limits.aliases else { throw fail("anchors and aliases of more than \(limits.aliases) bytes") }
    }

    private func bytes(from start: Int) -> [UInt8] {
        output.withBytes { Array($0[start...]) }
    }

    private func fail(_ words: String) -> YAMLFailure { Self.fail(words) }
    private static func fail(_ words: String) -> YAMLFailure { YAMLFailure(words: words, line: nil) }
}
