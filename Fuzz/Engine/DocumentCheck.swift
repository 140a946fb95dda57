internal import EventModel
internal import JSON

/// A whole document: what is read of it is written, and reads the same again.
struct DocumentCheck {
    let text: [UInt8]

    /// - Throws: `FuzzFailure`
    func run(_ counts: inout FuzzCounts) throws {
        guard let root = try? JSONDocument(parsing: text).root else {
            counts.rejected += 1
            return
        }
        try checkValue(root)
        try EventDocument.forEachItem(of: root) { item in
            switch item {
            case .success(let event):
                counts.accepted += 1
                try checkEvent(event)
                try RowCheck(event: event).run()
            case .failure(let rejection):
                counts.rejected += 1
                _ = rejection.description
            }
        }
    }

    private func checkValue(_ root: JSONValue) throws {
        var output = JSONOutput()
        output.write(root)
        let again = try Self.parse(output.bytes, "a value that was written")
        guard again == root else { throw FuzzFailure(description: "a value does not equal itself, written and read") }
        var numbers: [JSONValue] = []
        Self.collect(root, &numbers)
        for (left, right) in zip(numbers, numbers.dropFirst()) where (left == right) != (right == left) {
            throw FuzzFailure(description: "one number equals another, but not that the one")
        }
    }

    /// The first numbers of a document.
    private static func collect(_ value: JSONValue, _ numbers: inout [JSONValue]) {
        guard numbers.count < 50 else { return }
        switch value.kind {
        case .number: numbers.append(value)
        case .array: for element in value.elements { collect(element, &numbers) }
        case .object: for member in value.members { collect(member.value, &numbers) }
        case .null, .bool, .string: return
        }
    }

    /// Every member but managedFields comes back; written again it is the same text, and has the same identity and time.
    private func checkEvent(_ event: Event) throws {
        let text = Self.text(of: event)
        let written = try Self.parse(text, "an event that was written")
        guard written == (try Self.withoutManagedFields(event.body)) else {
            throw FuzzFailure(description: "an event lost something when it was written")
        }
        guard case .success(let again) = EventDocument.read(written, isKnownEvent: true) else {
            throw FuzzFailure(description: "an event that was written is no event any more")
        }
        guard Self.text(of: again) == text else {
            throw FuzzFailure(description: "an event is written otherwise the second time")
        }
        guard again.time == event.time else { throw FuzzFailure(description: "an event has another time once written") }
        let identity = EventIdentity.observation(event, cluster: "fuzz")
        guard EventIdentity.observation(again, cluster: "fuzz") == identity else {
            throw FuzzFailure(description: "an event has another identity once written")
        }
    }

    static func text(of event: Event) -> [UInt8] {
        var output = JSONOutput()
        output.write(event)
        return output.bytes
    }

    static func parse(_ bytes: [UInt8], _ what: String) throws -> JSONValue {
        do {
            return try JSONDocument(parsing: bytes).root
        } catch {
            throw FuzzFailure(description: "\(what) is no JSON: \(error)")
        }
    }

    /// Written again member by member, duplicates and all.
    private static func withoutManagedFields(_ object: JSONValue) throws -> JSONValue {
        var output = JSONOutput()
        output.write("{")
        for member in object.members {
            if output.count > 1 { output.write(",") }
            output.write(member.key.json)
            output.write(":")
            if member.key == "metadata", member.value.kind == .object {
                output.write("{")
                var isFirst = true
                for part in member.value.members where !(part.key == "managedFields") {
                    if !isFirst { output.write(",") }
                    isFirst = false
                    output.write(part.key.json)
                    output.write(":")
                    output.write(part.value)
                }
                output.write("}")
            } else {
                output.write(member.value)
            }
        }
        output.write("}")
        return try parse(output.bytes, "an event without its managedFields")
    }
}
