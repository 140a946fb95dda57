internal import JSON

/// A JSON value to be written, its members in the order in which they are given.
indirect enum DocumentValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case string(String)
    case list([DocumentValue])
    case object([Member])

    struct Member: Sendable {
        let name: String
        let value: DocumentValue
    }

    /// The members of an object, which this is to be, with others behind them.
    func adding(_ others: DocumentValue) -> DocumentValue {
        guard case .object(let members) = self, case .object(let added) = others else { return self }
        return .object(members + added)
    }

    /// Members by name, in order.
    static func members(_ members: some Sequence<(String, DocumentValue)>) -> DocumentValue {
        .object(members.map { Member(name: $0.0, value: $0.1) })
    }

    /// A part of `components` by its name.
    static func reference(_ section: String, _ name: String) -> DocumentValue {
        ["$ref": .string("#/components/\(section)/\(name)")]
    }

    func write(to output: inout JSONOutput) {
        switch self {
        case .null: output.write("null")
        case .bool(let value): value ? output.write("true") : output.write("false")
        case .integer(let value): output.write(value)
        case .string(let text): output.write(string: text)
        case .list(let values):
            output.write("[")
            for (index, value) in values.enumerated() {
                if index > 0 { output.write(",") }
                value.write(to: &output)
            }
            output.write("]")
        case .object(let members):
            output.write("{")
            for (index, member) in members.enumerated() {
                if index > 0 { output.write(",") }
                output.write(string: member.name)
                output.write(":")
                member.value.write(to: &output)
            }
            output.write("}")
        }
    }
}

extension DocumentValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: DocumentValue...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, DocumentValue)...) { self = .members(elements) }
}
