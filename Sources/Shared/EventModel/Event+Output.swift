public import JSON

extension JSONOutput {
    /// Appends the event as core/v1 JSON, without `metadata.managedFields`, of duplicated keys the last.
    public mutating func write(_ event: Event) {
        writeObject(event.body, droppingManagedFields: true, sorted: false)
    }

    /// Appends the event as text that depends on nothing but its JSON value, but for the ways to write a number.
    mutating func write(canonical event: Event) {
        writeObject(event.body, droppingManagedFields: true, sorted: true)
    }

    private mutating func writeObject(_ object: JSONValue, droppingManagedFields: Bool, sorted: Bool) {
        var last: [JSONValue.Key: Int] = [:]
        var members: [JSONValue.Member] = []
        for member in object.members {
            last[member.key] = members.count
            members.append(member)
        }
        members = members.enumerated().filter { last[$0.element.key] == $0.offset }.map(\.element)
        if sorted { members.sort { $0.key.string < $1.key.string } }
        write("{")
        for (position, member) in members.enumerated() {
            if position > 0 { write(",") }
            if sorted { write(canonical: member.key.json) } else { write(member.key.json) }
            write(":")
            if droppingManagedFields, member.key == "metadata", member.value.kind == .object {
                writeMetadata(member.value, sorted: sorted)
            } else {
                writeValue(member.value, sorted: sorted)
            }
        }
        write("}")
    }

    private mutating func writeMetadata(_ metadata: JSONValue, sorted: Bool) {
        guard metadata["managedFields"] != nil else { return writeValue(metadata, sorted: sorted) }
        var kept = JSONOutput()
        kept.write("{")
        for member in metadata.members where !(member.key == "managedFields") {
            if kept.count > 1 { kept.write(",") }
            kept.write(member.key.json)
            kept.write(":")
            kept.write(member.value)
        }
        kept.write("}")
        // What was valid JSON is valid JSON with a member less.
        if let document = try? JSONDocument(parsing: kept.bytes) { writeValue(document.root, sorted: sorted) }
    }

    private mutating func writeValue(_ value: JSONValue, sorted: Bool) {
        switch value.kind {
        case .object: writeObject(value, droppingManagedFields: false, sorted: sorted)
        case .array:
            write("[")
            for (position, element) in value.elements.enumerated() {
                if position > 0 { write(",") }
                writeValue(element, sorted: sorted)
            }
            write("]")
        case .string where sorted && !value.isPlainString: write(canonical: value)
        case .null, .bool, .number, .string: write(value)
        }
    }

    /// A string that no decoding gives back exactly stays as it is written.
    private mutating func write(canonical string: JSONValue) {
        if string.isStorableString { write(string: string.string ?? "") } else { write(string) }
    }
}
