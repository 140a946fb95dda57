internal import HTTPTypes
internal import Hummingbird

/// The client's `Accept`. Source: RFC 9110 section 12.5.1.
enum AcceptField {
    /// - Throws: a 406 when the client takes no JSON, for routes that have no other form.
    static func requireJSON(_ headers: HTTPFields) throws(Problem) {
        _ = try choose(among: [.json], headers)
    }

    /// The form that the client likes best.
    /// - Parameter offers: what there is, the first being the answer to those who do not mind.
    /// - Throws: a 406 that names what there is.
    static func choose(among offers: [MediaType], _ headers: HTTPFields) throws(Problem) -> MediaType {
        guard let field = headers[.accept], field != "*/*" else { return offers[0] }
        let list = WeightedList(field)
        // A field without any value is none.
        if list.items.isEmpty { return offers[0] }
        if let chosen = choose(among: offers, list) { return chosen }
        throw notAcceptable(offers, headers)
    }

    /// A 406 that names what there is.
    static func notAcceptable(_ offers: [MediaType], _ headers: HTTPFields) -> Problem {
        let names = offers.map(\.rawValue)
        let what = (names.dropLast(2) + [names.suffix(2).joined(separator: " or ")]).joined(separator: ", ")
        return Problem(
            status: .notAcceptable,
            detail: "The answer is \(what), which the Accept field \((headers[.accept] ?? "").quoted) rules out."
        )
    }

    /// Nil if none will do. Of a form, the range that fits it most closely tells how much it is liked; of forms that are
    /// liked as much, the one that was named rather than meant by a wildcard, then the one named first.
    static func choose(among offers: [MediaType], _ list: WeightedList) -> MediaType? {
        var best: (offer: MediaType, weight: Int, closeness: Int, position: Int)?
        for offer in offers {
            var match: (weight: Int, closeness: Int, position: Int)?
            for (position, item) in list.items.enumerated() {
                let closeness =
                    switch item.value {
                    case offer.rawValue: 3
                    case offer.range: 2
                    case "*/*": 1
                    default: 0
                    }
                if closeness > match?.closeness ?? 0 { match = (item.weight, closeness, position) }
            }
            guard let match, match.weight > 0 else { continue }
            if let best,
                (best.weight, best.closeness, -best.position) >= (match.weight, match.closeness, -match.position)
            {
                continue
            }
            best = (offer, match.weight, match.closeness, match.position)
        }
        return best?.offer
    }
}
