import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import EventRoutes

/// Whatever is put into a parameter: it is answered, or refused with a 400 that names the parameter; nothing else.
@Suite("Hostile parameters")
struct HostileParameterTests {
    /// As they stand in a URL, percent-encoded where need be.
    static let values = [
        "", "%00", "a%00b", "%FF", "%C3%28", "%ED%A0%80", "%E2%80%AE", "%", "%zz", "-1", "0", "1", "+1", "1e3", "0x10",
        "99999999999999999999999999", "-9223372036854775808", "9223372036854775807", "1.5", "NaN", "null", "true",
        "'", "%27%3B%20DROP%20TABLE%20kee.event%3B--", "1%20OR%201%3D1", "%22", "%5C", "%25", "_", "$1", "%7B%7D",
        "%3Cscript%3E", "..%2F..%2Fetc%2Fpasswd", "%0D%0ASet-Cookie:a=b", "%F0%9F%92%A9", "2026-02-30T00:00:00Z",
        "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "-5m", "5M", "99999999999d", "36526d", "1970-01-01", "*", "%20",
        String(repeating: "a", count: 512), String(repeating: "a", count: 600), String(repeating: "9", count: 2_000),
        String(repeating: "%C3%A4", count: 300), String(repeating: "x", count: 6_500),
    ]

    @Test func eachIsAnsweredOrRefusedByTheNameOfTheParameter() async throws {
        try await ServedAPI().run { client in
            var refused = 0
            for route in Route.allCases where !route.operation.parameters.isEmpty {
                for parameter in route.operation.parameters.map(\.name) {
                    for value in Self.values {
                        try await Self.check(client, route, "\(parameter)=\(value)", blames: parameter, &refused)
                    }
                    try await Self.check(client, route, parameter, blames: parameter, &refused)
                    try await Self.check(client, route, "\(parameter)=a=b&&", blames: parameter, &refused)
                    let many = Array(repeating: "\(parameter)=1", count: 200).joined(separator: "&")
                    try await Self.check(client, route, many, blames: parameter, &refused)
                }
            }
            #expect(refused > 500)
        }
    }

    @Test func anUnknownNameIsRefusedByItsName() async throws {
        try await ServedAPI().run { client in
            for route in Route.allCases where route.needsAccess {
                for name in [
                    "limt", "Limit", "limit%20", "a%00", "%FF", "", "sinse", "typ", String(repeating: "n", count: 900),
                ] {
                    let answer = try await client.get("\(route.examplePath)?\(name)=1")
                    #expect(answer.status == .badRequest, "\(route.rawValue)?\(name)=1")
                    #expect(try answer.parameter != nil, "\(route.rawValue)?\(name)=1")
                }
            }
        }
    }

    @Test func partsOfThePathAreAnsweredOrRefusedByTheirNames() async throws {
        try await ServedAPI().run { client in
            for route in Route.allCases {
                let parts = route.rawValue.split(separator: "/")
                for (index, part) in parts.enumerated() where part.hasPrefix("{") {
                    for value in Self.values where !value.isEmpty {
                        var path = route.examplePath.split(separator: "/").map(String.init)
                        path[index] = value
                        let url = "/" + path.joined(separator: "/")
                        let answer = try await client.get(url)
                        #expect([200, 400, 403, 404, 414].contains(answer.status.code), "\(url): \(answer.status)")
                        guard answer.status == .badRequest else { continue }
                        #expect(try answer.parameter == String(part.dropFirst().dropLast()), "\(url)")
                    }
                }
            }
        }
    }

    private static func check(
        _ client: any TestClientProtocol,
        _ route: Route,
        _ query: String,
        blames parameter: String,
        _ refused: inout Int
    ) async throws {
        let answer = try await client.get("\(route.examplePath)?\(query)")
        let shown = "\(route.rawValue)?\(query.prefix(80))"
        switch answer.status.code {
        case 200, 414: break
        case 400:
            refused += 1
            #expect(try answer.parameter == parameter, "\(shown): \(String(buffer: answer.body))")
        default: Issue.record("\(shown): \(answer.status)")
        }
    }
}
