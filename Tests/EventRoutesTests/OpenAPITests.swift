import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import EventRoutes

@Suite("The description of the API")
struct OpenAPITests {
    private static let root: JSONValue = {
        do { return try JSONDocument(parsing: OpenAPIDocument.bytes).root } catch { fatalError("no JSON: \(error)") }
    }()

    @Test func itDescribesEveryRouteAndNothingElse() {
        let paths = Self.root["paths"]?.members.map { $0.key.json.string ?? "" } ?? []
        #expect(Set(paths) == Set(Route.allCases.map(\.rawValue)))
        #expect(Self.root["openapi"]?.string == "3.1.0")
    }

    @Test func everyOperationHasANameOfItsOwn() {
        let names = Route.allCases.map(\.operation.id)
        #expect(Set(names).count == names.count)
    }

    @Test func everyReferenceLeadsSomewhere() {
        var references: Set<String> = []
        Self.collectReferences(Self.root, into: &references)
        #expect(references.count > 5)
        for reference in references {
            var place: JSONValue? = Self.root
            for part in reference.split(separator: "/").dropFirst() { place = place?[String(part)] }
            #expect(place != nil, "\(reference) leads nowhere")
        }
    }

    @Test func everyExampleOfAParameterIsAccepted() async throws {
        try await ServedAPI().run { client in
            for route in Route.allCases {
                for parameter in route.operation.parameters {
                    for (name, value) in parameter.examples {
                        let values = if case .list(let values) = value { values } else { [value] }
                        let query = values.map { "\(parameter.name)=\($0.queryText)" }.joined(separator: "&")
                        let answer = try await client.get("\(route.examplePath)?\(query)")
                        #expect(answer.status == .ok, "\(route.rawValue)?\(query), the example \(name)")
                    }
                }
            }
        }
    }

    @Test func itIsServedWithoutALimitAndAsAPageThatFetchesNothingFromElsewhere() async throws {
        try await ServedAPI(callsPerSecond: 0.000_001).run { client in
            for _ in 1...3 {
                let answer = try await client.get("/openapi.json", agent: "one")
                #expect(answer.status == .ok)
                #expect(Array(answer.body.readableBytesView) == OpenAPIDocument.bytes)
            }
            let page = try await client.get("/docs", agent: "one", accept: "text/html")
            #expect(page.status == .ok)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(page.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'") == true)
            let html = String(buffer: page.body)
            #expect(!html.contains("http://") && !html.contains("https://"))
            #expect(try await client.get("/docs?a=b").status == .badRequest)
            #expect(try await client.get("/openapi.json?a=b").parameter == "a")
        }
    }

    private static func collectReferences(_ value: JSONValue, into references: inout Set<String>) {
        for member in value.members {
            if member.key.json.string == "$ref", let target = member.value.string { references.insert(target) }
            collectReferences(member.value, into: &references)
        }
        for element in value.elements { collectReferences(element, into: &references) }
    }
}

extension DocumentValue {
    /// For a URL.
    var queryText: String {
        switch self {
        case .integer(let number): String(number)
        case .string(let text): text
        case .null, .bool, .list, .object: ""
        }
    }
}

extension Route {
    /// A path of this route that a filled repository answers.
    var examplePath: String {
        rawValue.split(separator: "/").map { part in
            switch part {
            case "{cluster}": "/prod"
            case "{namespace}": "/shop"
            case "{resource}", "{kind}": "/pods"
            case "{name}": "/web-1"
            default: "/\(part)"
            }
        }.joined()
    }
}
