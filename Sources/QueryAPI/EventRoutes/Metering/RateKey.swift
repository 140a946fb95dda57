internal import HTTPTypes
internal import Listener
internal import NIOCore

/// What tells one client from another for the rate limit.
public enum RateKey: String, CaseIterable, Sendable {
    /// Its `User-Agent`: each tool has its own rate, wherever it runs.
    case agent
    /// The name that access control knows it by; its address while it has none.
    case token
    /// Its address, as trusted proxies tell it; of an IPv6 address the first 64 bits.
    case address

    func client(of headers: HTTPFields, peer: IPAddress?, name: String, trusted: [AddressRange]) -> String? {
        switch self {
        case .agent: return headers[.userAgent]
        case .token where !name.isEmpty: return "name " + name
        case .token, .address:
            guard let peer else { return nil }
            return ForwardedAddress.client(of: headers, peer: peer, trusted: trusted).network.description
        }
    }

    /// For the one who has made too many calls.
    var remedy: String {
        switch self {
        case .agent:
            "This User-Agent has used up its calls. Name another User-Agent for another tool, or try again after"
        case .token: "You have used up your calls. Try again after"
        case .address: "This address has used up its calls. Try again after"
        }
    }
}
