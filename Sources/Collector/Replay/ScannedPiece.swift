/// What the scanner cuts out of a text. The offsets say where in the text it begins.
enum ScannedPiece: Equatable {
    /// A whole document whose brackets match; whether it is JSON is for the parser to say.
    case document([UInt8], offset: Int)
    /// An element of the list at the top of a document.
    case element([UInt8], offset: Int, of: List)
    /// What was around the elements of a list; their array is empty here.
    case envelope([UInt8], offset: Int)
    /// Something that is no document, with its beginning.
    case broken(Breakage, excerpt: [UInt8], offset: Int)

    /// The list that an element stands in.
    struct List: Equatable {
        /// Where its document begins, as its envelope will say.
        var offset: Int
        var kind: Kind

        enum Kind { case eventList, other, unknownYet }
    }

    /// Why something is no document.
    enum Breakage: Equatable, CustomStringConvertible {
        /// It does not begin like one.
        case noDocument
        /// It stops before its brackets are closed.
        case endsTooEarly
        /// The byte cannot stand at that offset of the text.
        case unexpected(UInt8, at: Int)
        /// Longer than so many bytes.
        case tooLong(limit: Int)
        /// Its brackets are nested deeper than that.
        case tooDeep(limit: Int)

        var description: String {
            switch self {
            case .noDocument: "neither JSON nor YAML"
            case .endsTooEarly: "the JSON text ends too early"
            case .unexpected(let byte, let offset):
                (0x21...0x7e).contains(byte)
                    ? "unexpected '\(Character(Unicode.Scalar(byte)))' at byte \(offset)"
                    : "unexpected byte \(byte) at byte \(offset)"
            case .tooLong(let limit): "longer than \(limit) bytes"
            case .tooDeep(let limit): "nested deeper than \(limit) levels"
            }
        }
    }
}
