import JSON

/// Objects that events are not.
enum EventModelSample {
    /// Nothing in it says when it happened.
    static var withoutTime: JSONValue {
        get throws { try JSONDocument(parsing: Array(#"{"kind":"Event","metadata":{"name":"x"}}"#.utf8)).root }
    }
}
