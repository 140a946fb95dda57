internal import EventReader

extension ParameterName {
    /// What the description of the API says of it; the bounds are those that requests are checked with.
    var documentation: QueryParameter {
        switch self {
        case .limit:
            QueryParameter(
                name: rawValue,
                description: "Events on a page; of a stream, events in all.",
                schema: .integer(in: EventParameters.limits, default: EventParameters.defaultLimit),
                examples: [("ten", 10)]
            )
        case .continue:
            QueryParameter(
                name: rawValue,
                description: "The next page: what `metadata.continue` of a page says, on the same path.",
                schema: .text(longest: ContinueToken.longestText)
            )
        case .perCluster:
            QueryParameter(
                name: rawValue,
                description: "Events of each cluster. Stands alone.",
                schema: .integer(in: EventParameters.perClusterLimits, default: EventParameters.defaultPerCluster),
                examples: [("one", 1)]
            )
        case .since:
            .time(rawValue, "Not before this moment.", [("duration", "30d"), ("moment", "2026-01-31T12:00:00Z")])
        case .until:
            .time(rawValue, "Before this moment.", [("duration", "90s"), ("moment", "2030-01-31T12:00:00Z")])
        case .type:
            .filter(rawValue, "The type of the event, exactly.", [("warnings", ["Warning"])])
        case .reason:
            .filter(rawValue, "The reason, exactly.", [("two", ["BackOff", "Unhealthy"])])
        case .kind:
            .filter(rawValue, "The kind of the object, as kubectl takes it.", [("pods", ["pod"])])
        case .component:
            .filter(
                rawValue,
                "The component that reported the event, exactly: source.component, or else reportingComponent.",
                [("kubelet", ["kubelet"])]
            )
        case .q:
            QueryParameter(
                name: rawValue,
                description: "A part of the message; the letters A to Z match whatever their case.",
                schema: .text(longest: EventParameters.longestText)
            )
        case .view:
            QueryParameter(
                name: rawValue,
                description: "Each observation of an Event, or its last one before `until` alone.",
                schema: ["type": "string", "enum": ["observations", "latest"], "default": "observations"],
                examples: [("latest", "latest")]
            )
        case .name:
            QueryParameter(
                name: rawValue,
                description: "The name of the object, exactly.",
                schema: .text,
                examples: [("web", "web-1")]
            )
        case .order:
            QueryParameter(
                name: rawValue,
                description: "The order of time: newest first (`desc`), or oldest first.",
                schema: ["type": "string", "enum": ["desc", "asc"], "default": "desc"],
                examples: [("oldestFirst", "asc")]
            )
        }
    }
}

extension CoverageParameters.Name {
    /// What the description of the API says of it.
    var documentation: QueryParameter {
        switch self {
        case .since: .time(rawValue, "Not before this moment.", [("duration", "30d")])
        case .until: .time(rawValue, "Before this moment.", [("duration", "90s")])
        case .namespace:
            QueryParameter(name: rawValue, description: "This namespace alone.", schema: .text)
        }
    }
}

extension StatsParameters.Name {
    /// What the description of the API says of it.
    func documentation(on path: StatsPath) -> QueryParameter {
        switch self {
        case .by:
            QueryParameter(
                name: rawValue,
                description: "What makes a series of its own.",
                schema: [
                    "type": "string", "enum": .list(path.keys.map { .string($0.rawValue) }),
                    "default": .string(StatsParameters.defaultKey.rawValue),
                ],
                examples: [("reason", "reason")]
            )
        case .bucket:
            QueryParameter(
                name: rawValue,
                description: "How long a bucket is. Buckets times series are at most \(StatsParameters.mostPoints).",
                schema: [
                    "type": "string", "enum": .list(StatsQuery.Bucket.allCases.map { .string($0.rawValue) }),
                    "default": .string(StatsParameters.defaultBucket.rawValue),
                ],
                examples: [("day", "1d")]
            )
        case .since:
            .time(rawValue, "Not before this moment; without it 60, 72, 24 or 30 buckets back.", [("duration", "30d")])
        case .until:
            .time(rawValue, "Before this moment; now, if it is left out.", [("duration", "90s")])
        case .top:
            QueryParameter(
                name: rawValue,
                description: "How many series; what remains is one more.",
                schema: .integer(in: StatsParameters.tops, default: StatsParameters.defaultTop),
                examples: [("three", 3)]
            )
        case .type: ParameterName.type.documentation
        case .reason: ParameterName.reason.documentation
        case .kind: ParameterName.kind.documentation
        case .component: ParameterName.component.documentation
        }
    }
}

extension TimelineParameters.Name {
    /// What the description of the API says of it: what it says of the event routes.
    var documentation: QueryParameter {
        switch self {
        case .limit: ParameterName.limit.documentation
        case .continue: ParameterName.continue.documentation
        case .since: ParameterName.since.documentation
        case .until: ParameterName.until.documentation
        case .type: ParameterName.type.documentation
        case .reason: ParameterName.reason.documentation
        case .order: ParameterName.order.documentation
        }
    }
}

extension NamespaceParameters.Name {
    /// What the description of the API says of it.
    var documentation: QueryParameter {
        switch self {
        case .limit:
            QueryParameter(
                name: rawValue,
                description: "Namespaces on a page.",
                schema: .integer(in: NamespaceParameters.limits, default: NamespaceParameters.defaultLimit),
                examples: [("ten", 10)]
            )
        case .continue:
            QueryParameter(
                name: rawValue,
                description: "The next page: what `metadata.continue` of a page says, on the same path.",
                schema: .text(longest: longestValue)
            )
        }
    }
}

extension QueryParameter {
    /// A moment, or a duration back from now.
    static func time(
        _ name: String,
        _ description: String,
        _ examples: [(String, DocumentValue)]
    ) -> QueryParameter {
        QueryParameter(
            name: name,
            description: description + " RFC 3339, or a duration back from now.",
            schema: ["type": "string", "pattern": .string(timePattern)],
            examples: examples
        )
    }

    /// Any of some values.
    static func filter(
        _ name: String,
        _ description: String,
        _ examples: [(String, DocumentValue)]
    ) -> QueryParameter {
        QueryParameter(
            name: name,
            description: description + " Can be repeated: any of them.",
            schema: [
                "type": "array", "items": .text, "minItems": 1,
                "maxItems": .integer(EventParameters.mostRepeats),
            ],
            examples: examples
        )
    }

    /// What `TimeBound` takes, as far as a pattern can say it.
    private static let timePattern =
        "^(([0-9]{1,4}[smhd])|([12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:"
        + "[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])))$"
}

extension DocumentValue {
    fileprivate static func integer(in range: ClosedRange<Int>, default value: Int) -> DocumentValue {
        [
            "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            "default": .integer(value),
        ]
    }

    /// One value of a filter.
    static let text = text(longest: EventParameters.longestValue)

    /// Any text but one that holds U+0000, with so many bytes at most.
    static func text(longest: Int?) -> DocumentValue {
        let text: DocumentValue = ["type": "string", "minLength": 1, "pattern": "^[^\\u0000]+$"]
        return longest.map { text.adding(["maxLength": .integer($0)]) } ?? text
    }
}
