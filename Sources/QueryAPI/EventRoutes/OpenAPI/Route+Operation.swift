extension Route {
    /// What the description says of it.
    var operation: Operation {
        switch self {
        case .events:
            Operation(
                id: "listEvents",
                tag: .events,
                summary: "The newest events of every cluster, or all clusters as one stream.",
                description: """
                    Without parameters the newest five events of each cluster, newest first; `perCluster` asks for another \
                    number, and stands alone. With any other parameter, or a streaming Accept, all clusters are one stream.
                    """,
                parameters: ParameterName.allCases.map(\.documentation),
                answers: Self.eventAnswers,
                failures: Self.anywhere
            )
        case .cluster:
            events("listClusterEvents", "The events of a cluster.")
        case .namespace:
            events("listNamespaceEvents", "The events of a namespace; empty for one that has none.")
        case .resource:
            events("listResourceEvents", "The events of objects of a kind, or of one name.")
        case .object:
            events("listObjectEvents", "The events of one object.")
        case .clusters:
            Operation(
                id: "listClusters",
                tag: .clusters,
                summary: "The clusters that the archive knows.",
                description: "By name, with the number of archived observations and the first and the last of them.",
                answers: [.json("ClusterList")],
                failures: Self.anywhere
            )
        case .namespaces:
            Operation(
                id: "listClusterNamespaces",
                tag: .clusters,
                summary: "The namespaces of a cluster that the archive knows.",
                description: "By name, with the number of archived observations and the first and the last of them.",
                parameters: NamespaceParameters.Name.allCases.map(\.documentation),
                answers: [.json("ClusterNamespaceList")],
                failures: Self.anywhere + [.notFound]
            )
        case .coverage:
            Operation(
                id: "getCoverage",
                tag: .clusters,
                summary: "When a cluster was watched, and when it was not.",
                description:
                    "One item for the cluster as a whole, and one for each namespace that is watched by itself.",
                parameters: CoverageParameters.Name.allCases.map(\.documentation),
                answers: [.json("CoverageList")],
                failures: Self.anywhere + [.notFound]
            )
        case .stats: stats("countEvents", "Numbers of events of all clusters over time.", .everything, [])
        case .clusterStats:
            stats("countClusterEvents", "Numbers of events of a cluster over time.", .cluster(""), [.notFound])
        case .namespaceStats:
            stats(
                "countNamespaceEvents",
                "Numbers of events of a namespace over time.",
                .namespace(cluster: "", namespace: ""),
                [.notFound]
            )
        case .timeline:
            Operation(
                id: "getTimeline",
                tag: .time,
                summary: "The story of one object and of those that it owned.",
                description: """
                    A Deployment's ReplicaSets and Pods too, also the deleted ones, as far as their owners were recorded: \
                    `objects` says of each how well that is known. Page by page with `continue`.
                    """,
                parameters: TimelineParameters.Name.allCases.map(\.documentation),
                answers: [.json("Timeline")],
                failures: Self.anywhere + [.notFound]
            )
        case .openapi:
            Operation(
                id: "getDescription",
                tag: .service,
                summary: "This description.",
                description: "OpenAPI 3.1. Not limited, and open to everyone.",
                answers: [Operation.Answer(mediaType: "application/json", schema: ["type": "object"])],
                failures: [.badRequest, .notAcceptable, .uriTooLong, .headersTooLarge]
            )
        case .docs:
            Operation(
                id: "getDocumentation",
                tag: .service,
                summary: "This description as a page.",
                description: "It fetches nothing from elsewhere.",
                answers: [Operation.Answer(mediaType: "text/html", schema: ["type": "string"])],
                failures: [.badRequest, .uriTooLong, .headersTooLarge]
            )
        case .livez:
            health("getLiveness", "Whether the service runs.", [])
        case .readyz:
            health("getReadiness", "Whether the archive can be read.", [.unavailable])
        }
    }

    /// With every route that is limited and may need a token.
    private static let anywhere: [Operation.Failure] = [
        .badRequest, .unauthorized, .forbidden, .notAcceptable, .uriTooLong, .tooManyRequests, .headersTooLarge,
        .unavailable,
    ]

    private func events(_ id: String, _ summary: String) -> Operation {
        Operation(
            id: id,
            tag: .events,
            summary: summary,
            description: "Newest first, unless `order` says otherwise; page by page with `continue`.",
            parameters: ParameterName.allCases.filter { $0 != .perCluster }.map(\.documentation),
            answers: Self.eventAnswers,
            failures: Self.anywhere + [.notFound]
        )
    }

    private func stats(
        _ id: String,
        _ summary: String,
        _ path: StatsPath,
        _ failures: [Operation.Failure]
    ) -> Operation {
        Operation(
            id: id,
            tag: .time,
            summary: summary,
            description: """
                How many observations each bucket has, a series for each type, reason and so on. The largest series come \
                first; what remains beyond `top` is one more, with a null key. Buckets begin at whole ones in UTC; the \
                first and the last hold only what lies within the range.
                """,
            parameters: StatsParameters.Name.allCases.map { $0.documentation(on: path) },
            answers: [
                .json("EventStats"),
                Operation.Answer(
                    mediaType: "text/csv",
                    schema: ["type": "string"],
                    example: "time,key,events\r\n2026-01-31T12:00:00Z,Warning,7\r\n"
                ),
            ],
            failures: Self.anywhere + failures
        )
    }

    private func health(_ id: String, _ summary: String, _ failures: [Operation.Failure]) -> Operation {
        Operation(
            id: id,
            tag: .service,
            summary: summary,
            description: "Not limited, and open to everyone.",
            answers: [Operation.Answer(mediaType: "text/plain", schema: ["type": "string"], example: "ok\n")],
            failures: failures
        )
    }

    private static let eventAnswers = (MediaType.ofEvents + [.eventStream]).map { form in
        let text: DocumentValue = ["type": "string"]
        return switch form {
        case .json:
            Operation.Answer(
                mediaType: form.rawValue,
                schema: .reference("schemas", "EventList"),
                example: ["kind": "EventList", "apiVersion": "v1", "metadata": [:], "items": [OpenAPIDocument.event]]
            )
        case .lines, .csv, .table: Operation.Answer(mediaType: form.rawValue, schema: text)
        case .eventStream:
            Operation.Answer(
                mediaType: form.rawValue,
                schema: text,
                example: """
                    retry: 1617
                    id: 739-3-1-d135f42763158f64
                    data: {"reason":"BackOff","type":"Warning","cluster":"prod"}

                    """
            )
        }
    }
}

extension Operation.Answer {
    static func json(_ schema: String) -> Operation.Answer {
        Operation.Answer(mediaType: "application/json", schema: .reference("schemas", schema))
    }
}
