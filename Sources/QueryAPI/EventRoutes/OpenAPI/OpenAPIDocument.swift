internal import JSON

/// The description of the API, made from what the code itself goes by: the routes, the parameters of each and their
/// bounds. A route or a parameter that is not described does not compile.
///
/// Source: the OpenAPI Specification 3.1.
enum OpenAPIDocument {
    /// As it is served.
    static let bytes: [UInt8] = {
        var output = JSONOutput(capacity: 64 * 1024)
        document.write(to: &output)
        output.write("\n")
        return output.bytes
    }()

    static let document: DocumentValue = [
        "openapi": "3.1.0",
        "info": [
            "title": "KEE",
            "version": "1",
            "summary": "An archive for Kubernetes events.",
            "description": """
            Kubernetes forgets its events after an hour; here they are kept for years. Everything is read-only. HEAD \
            works wherever GET does. An unknown parameter, or a value out of range, is a 400 that names it.
            """,
            "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
        ],
        "servers": [["url": "/", "description": "This service."]],
        // Whether a token is needed is up to the service; where access is open, none is.
        "security": [[:], ["bearer": []]],
        "tags": .list(
            Operation.Tag.allCases.map { ["name": .string($0.rawValue), "description": .string($0.description)] }
        ),
        "paths": .members(
            Route.allCases.map { route in
                (route.rawValue, ["get": description(of: route)])
            }
        ),
        "components": components,
    ]

    private static func description(of route: Route) -> DocumentValue {
        let operation = route.operation
        let parameters = route.pathParameters + operation.parameters.map(\.document)
        let failures = operation.failures.map {
            (String($0.status), DocumentValue.reference("responses", $0.rawValue))
        }
        var document: DocumentValue = [
            "operationId": .string(operation.id),
            "tags": [.string(operation.tag.rawValue)],
            "summary": .string(operation.summary),
            "description": .string(operation.description),
        ]
        if !parameters.isEmpty { document = document.adding(["parameters": .list(parameters)]) }
        if !route.needsAccess { document = document.adding(["security": []]) }
        return document.adding(["responses": .members([("200", success(operation, route))] + failures)])
    }

    private static func success(_ operation: Operation, _ route: Route) -> DocumentValue {
        let content = operation.answers.map { answer in
            var media: DocumentValue = ["schema": answer.schema]
            if let example = answer.example { media = media.adding(["example": example]) }
            return (answer.mediaType, media)
        }
        let success: DocumentValue = ["description": .string(operation.summary), "content": .members(content)]
        return route.isRateLimited ? success.adding(["headers": rateHeaders]) : success
    }
}

extension Route {
    /// The parts of the path that stand for something, in order.
    fileprivate var pathParameters: [DocumentValue] {
        rawValue.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            let (description, example) = Self.pathParameter(name)
            return [
                "name": .string(name), "in": "path", "required": true, "description": .string(description),
                "schema": .text(longest: nil),
                "example": .string(example),
            ]
        }
    }

    private static func pathParameter(_ name: String) -> (description: String, example: String) {
        switch name {
        case "cluster": ("The name that the cluster is archived under; `/clusters` lists them.", "demo")
        case "namespace": ("A namespace: the Event's own, so those of Nodes are in `default`.", "default")
        case "resource":
            ("A kind as kubectl takes it, in any letter case; what is no kind is an object's name.", "pods")
        case "kind": ("A kind as kubectl takes it: `pod`, `pods`, `po`, `deployments.apps`.", "deployment")
        default: ("The name of the object.", "web")
        }
    }
}
