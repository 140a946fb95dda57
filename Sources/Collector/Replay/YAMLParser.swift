// libyaml as Yams carries it. Yams' own nodes would not do: they refuse duplicated keys, hide how a scalar was written
// behind regular expressions, and are compared and hashed as expanded trees, which a few nested aliases make endless.
import CYaml

/// Why a text is no YAML; libyaml's words.
struct YAMLFailure: Error, Equatable {
    var words: String
    /// From 1; nil where there is no single one.
    var line: Int?
}

/// What libyaml reads, one event after the other. Source: libyaml, yaml.h.
enum YAMLEvent {
    case scalar(YAMLScalar)
    case alias(String)
    case sequenceStart(anchor: String?)
    case mappingStart(anchor: String?)
    /// Of a sequence or a mapping.
    case end
    /// The text has no more.
    case endOfText
}

/// A scalar as it was written.
struct YAMLScalar: Equatable {
    var text: String
    /// Neither quoted nor a block.
    var isPlain = true
    /// Nil if it has none.
    var tag: String?
    var anchor: String?
}

/// Owns libyaml's parser while it reads one text. Its nesting is bounded by libyaml, at 1000 levels.
final class YAMLParser {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ text: [UInt8]) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        self.text = .allocate(capacity: max(text.count, 1))
        _ = self.text.initialize(from: text)
        // Fails only without memory; then every event fails, too.
        _ = yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, self.text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event of interest.
    func next() throws(YAMLFailure) -> YAMLEvent {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
            defer { yaml_event_delete(&event) }
            switch event.type {
            case YAML_SCALAR_EVENT: return .scalar(Self.scalar(event))
            case YAML_ALIAS_EVENT: return .alias(Self.string(event.data.alias.anchor) ?? "")
            case YAML_SEQUENCE_START_EVENT:
                return .sequenceStart(anchor: Self.string(event.data.sequence_start.anchor))
            case YAML_MAPPING_START_EVENT:
                return .mappingStart(anchor: Self.string(event.data.mapping_start.anchor))
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
            // Behind the end libyaml answers with events of no type.
            case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .endOfText
            default: continue
            }
        }
    }

    private static func scalar(_ event: yaml_event_t) -> YAMLScalar {
        let scalar = event.data.scalar
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return YAMLScalar(
            text: String(decoding: bytes, as: UTF8.self),
            isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
            tag: string(scalar.tag),
            anchor: string(scalar.anchor)
        )
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }

    private var failure: YAMLFailure {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "libyaml has no memory"
        guard parser.pointee.error == YAML_READER_ERROR else {
            return YAMLFailure(words: problem, line: Int(parser.pointee.problem_mark.line) + 1)
        }
        let offset = min(Int(parser.pointee.problem_offset), text.count)
        return YAMLFailure(words: problem, line: text[..<offset].count { $0 == 0x0a } + 1)
    }
}
