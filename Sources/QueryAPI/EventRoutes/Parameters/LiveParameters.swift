internal import LiveTail

/// The query of an event route that is followed live.
struct LiveParameters: Equatable, Sendable {
    /// The filters.
    let parameters: EventParameters
    /// From where.
    let start: LiveStart

    /// - Parameters:
    ///   - query: what stands behind the `?` of a URL, nil if there is none. It may have `lastEventId`, for `EventSource`
    ///     cannot send a header of its own when it connects first.
    ///   - lastEventID: the header, which `EventSource` sends when it comes back; it wins, for it is later.
    /// - Throws: a 400 that names the first parameter that is wrong, or that means nothing for what is yet to come.
    init(query: String?, lastEventID: String?) throws(Problem) {
        var rest: [Substring] = []
        var given: String?
        for item in (query ?? "").split(separator: "&") {
            guard item.hasPrefix("lastEventId=") else {
                rest.append(item)
                continue
            }
            guard given == nil else {
                throw .parameter("lastEventId", "The parameter lastEventId is given more than once.")
            }
            given = try Self.decoded(item.dropFirst("lastEventId=".count))
        }
        let parameters = try EventParameters(query: rest.isEmpty ? nil : rest.joined(separator: "&"))
        for (name, isGiven) in [
            (ParameterName.limit, parameters.limit != nil), (.continue, parameters.continuation != nil),
            (.perCluster, parameters.perCluster != nil), (.since, parameters.since != nil),
            (.until, parameters.until != nil), (.order, parameters.order != nil), (.view, parameters.view != nil),
        ] where isGiven {
            throw .parameter(
                name,
                "\(name.rawValue) means nothing for a live tail, which brings what is committed from now on, or behind"
                    + " Last-Event-ID. Leave it out, or ask without text/event-stream."
            )
        }
        self.parameters = parameters
        start = LiveStart(lastEventID: lastEventID ?? given)
    }

    private static func decoded(_ raw: Substring) throws(Problem) -> String {
        do {
            return try PercentDecoding.decode(raw.utf8, plusIsSpace: true)
        } catch {
            throw .parameter("lastEventId", "The value of lastEventId is wrong: \(error.reason).")
        }
    }
}
