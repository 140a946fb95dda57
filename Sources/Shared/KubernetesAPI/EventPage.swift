public import JSON

/// One page of a list of events.
public struct EventPage: Sendable {
    /// The items as they came. Items of a list carry neither kind nor apiVersion.
    public let items: [JSONValue]
    /// The version that the whole list shows; the same on all pages of a consistent list.
    public let resourceVersion: String
    /// What asks for the next page; nil on the last one.
    public let continueToken: String?
    /// How many items follow this page, where the server counts them.
    public let remainingItemCount: Int?

    /// Reads the body of a list.
    ///
    /// - Throws: `Malformed` if it is no list or has no resourceVersion.
    package init(body: [UInt8]) throws(Malformed) {
        let root: JSONValue
        do {
            root = try JSONDocument(parsing: body).root
        } catch {
            throw Malformed(reason: "the list is no JSON: \(error)")
        }
        guard let metadata = root["metadata"], let version = metadata["resourceVersion"]?.string, !version.isEmpty
        else { throw Malformed(reason: "the list has no metadata.resourceVersion") }
        // An empty list can be `items: null`.
        let items = root["items"]
        guard items == nil || items?.kind == .array || items?.isNull == true else {
            throw Malformed(reason: "the list's items are no array")
        }
        self.items = items.map { Array($0.elements) } ?? []
        resourceVersion = version
        let token = metadata["continue"]?.string
        continueToken = token?.isEmpty == false ? token : nil
        remainingItemCount = metadata["remainingItemCount"]?.int64.flatMap { Int(exactly: $0) }
    }

    /// Why a body is no page.
    package struct Malformed: Error { let reason: String }
}
