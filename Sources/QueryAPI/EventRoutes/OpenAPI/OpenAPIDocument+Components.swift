extension OpenAPIDocument {
    static let components: DocumentValue = [
        "schemas": schemas,
        "responses": .members(
            Operation.Failure.allCases.map { failure in
                let body: DocumentValue = [
                    "description": .string(failure.description),
                    "content": ["application/problem+json": ["schema": .reference("schemas", "Problem")]],
                ]
                let retryAfter: DocumentValue = ["headers": ["Retry-After": retryAfter]]
                return (failure.rawValue, failure.hasRetryAfter ? body.adding(retryAfter) : body)
            }
        ),
        "securitySchemes": [
            "bearer": [
                "type": "http", "scheme": "bearer",
                "description": "A token of a file, of an OpenID Connect issuer, or of a Kubernetes cluster.",
            ]
        ],
    ]

    private static let retryAfter: DocumentValue = [
        "description": "Whole seconds after which another call may succeed.",
        "schema": ["type": "integer", "minimum": 1],
    ]

    /// Sources: draft-ietf-httpapi-ratelimit-headers.
    static let rateHeaders: DocumentValue = [
        "RateLimit": [
            "description": "Calls that are left (`r`), and the seconds until one more is earned (`t`).",
            "schema": ["type": "string"], "example": "\"default\";r=0;t=1",
        ],
        "RateLimit-Policy": [
            "description": "Calls (`q`) that a window of so many seconds (`w`) allows in the long run.",
            "schema": ["type": "string"], "example": "\"default\";q=1;w=1",
        ],
    ]

    static let time: DocumentValue = ["type": "string", "format": "date-time"]
    static let timeOrNull: DocumentValue = ["type": ["string", "null"], "format": "date-time"]
    private static let text: DocumentValue = ["type": ["string", "null"]]
    private static let anyObject: DocumentValue = ["type": ["object", "null"]]

    private static let schemas: DocumentValue = [
        "Problem": [
            "type": "object",
            "description": "RFC 9457.",
            "required": ["status", "title", "detail"],
            "properties": [
                "status": ["type": "integer"],
                "title": ["type": "string"],
                "detail": ["type": "string"],
                "parameter": [
                    "type": "string", "description": "The parameter, or the part of the path, that is to blame.",
                ],
            ],
            "examples": [
                [
                    "status": 400, "title": "Bad Request",
                    "detail": "There is no parameter 'limt'. Did you mean 'limit'?", "parameter": "limt",
                ]
            ],
        ],
        "Event": [
            "type": "object",
            "description": """
            A core/v1 Event as the API server sent it, without `metadata.managedFields`, and the cluster on top. \
            Members that are not listed here are kept as well.
            """,
            "required": ["cluster"],
            "properties": [
                "cluster": ["type": "string"],
                "kind": text, "apiVersion": text, "metadata": anyObject, "involvedObject": anyObject,
                "reason": text, "message": text, "type": text, "source": anyObject,
                "firstTimestamp": ["description": "RFC 3339, or null."],
                "lastTimestamp": ["description": "RFC 3339, or null."],
                "eventTime": ["description": "RFC 3339 with microseconds, or null."],
                "count": ["type": ["number", "null"]], "series": anyObject, "action": text, "related": anyObject,
                "reportingComponent": text, "reportingInstance": text,
            ],
            "examples": [event],
        ],
        "EventStats": stats,
        "Gap": [
            "type": "object",
            "description": "A time that nobody watched: events of it may be missing.",
            "required": ["cluster", "namespace", "from", "until", "reason"],
            "properties": [
                "cluster": ["type": "string"],
                "namespace": ["type": ["string", "null"]],
                "from": timeOrNull, "until": timeOrNull,
                "reason": [
                    "type": "string",
                    "examples": ["expired", "restored", "unreadable", "not_watched", "before_first_watch"],
                ],
            ],
        ],
        "ListMetadata": [
            "type": "object",
            "properties": [
                "continue": ["type": "string", "description": "Give it back for the next page; absent on the last."],
                "remainingItemCount": [
                    "type": "integer", "minimum": 0,
                    "description": "Events behind this page, where that is cheap to tell; an estimate.",
                ],
                "gaps": ["type": "array", "items": .reference("schemas", "Gap"), "maxItems": 100],
                "gapsTruncated": ["type": "boolean"],
            ],
        ],
        "EventList": list("EventList", "v1", items: .reference("schemas", "Event")),
        "ClusterList": list("ClusterList", "kee/v1", items: summary),
        "ClusterNamespaceList": list("ClusterNamespaceList", "kee/v1", items: summary),
        "CoverageList": list("CoverageList", "kee/v1", items: coverage),
    ]

    private static func list(_ kind: String, _ version: String, items: DocumentValue) -> DocumentValue {
        [
            "type": "object",
            "required": ["kind", "apiVersion", "metadata", "items"],
            "properties": [
                "kind": ["const": .string(kind)],
                "apiVersion": ["const": .string(version)],
                "metadata": .reference("schemas", "ListMetadata"),
                "items": ["type": "array", "items": items],
            ],
        ]
    }

    private static let summary: DocumentValue = [
        "type": "object",
        "required": ["name", "events"],
        "properties": [
            "name": ["type": "string"],
            "events": ["type": "integer", "minimum": 0, "description": "Archived observations."],
            "firstEvent": time, "lastEvent": time,
        ],
    ]

    private static let stats: DocumentValue = [
        "type": "object",
        "required": ["kind", "apiVersion", "metadata", "times", "series"],
        "properties": [
            "kind": ["const": "EventStats"], "apiVersion": ["const": "kee/v1"],
            "metadata": [
                "type": "object",
                "required": ["by", "bucket", "since", "until"],
                "properties": [
                    "by": ["type": "string"], "bucket": ["type": "string"], "since": time, "until": time,
                    "gaps": ["type": "array", "items": .reference("schemas", "Gap"), "maxItems": 100],
                    "gapsTruncated": ["type": "boolean"],
                ],
            ],
            "times": ["type": "array", "items": time, "description": "Where each bucket begins."],
            "series": [
                "type": "array",
                "items": [
                    "type": "object",
                    "required": ["key", "total", "points"],
                    "properties": [
                        "key": ["type": ["string", "null"], "description": "Null for all that remain."],
                        "total": ["type": "integer", "minimum": 1],
                        "points": [
                            "type": "array", "items": ["type": "integer", "minimum": 0],
                            "description": "One for each of the times.",
                        ],
                    ],
                ],
            ],
        ],
        "examples": [
            [
                "kind": "EventStats", "apiVersion": "kee/v1",
                "metadata": [
                    "by": "reason", "bucket": "1h", "since": "2026-01-31T10:00:00Z", "until": "2026-01-31T12:00:00Z",
                ],
                "times": ["2026-01-31T10:00:00Z", "2026-01-31T11:00:00Z"],
                "series": [["key": "BackOff", "total": 7, "points": [0, 7]]],
            ]
        ],
    ]

    private static let coverage: DocumentValue = [
        "type": "object",
        "required": ["namespace", "coveredUntil", "stretches", "gaps"],
        "properties": [
            "namespace": ["type": ["string", "null"], "description": "Null for the cluster as a whole."],
            "coveredUntil": timeOrNull,
            "stretches": [
                "type": "array",
                "items": [
                    "type": "object",
                    "required": ["since", "until", "cause"],
                    "properties": ["since": timeOrNull, "until": timeOrNull, "cause": ["type": "string"]],
                ],
            ],
            "stretchesTruncated": ["type": "boolean"],
            "gaps": ["type": "array", "items": ["type": "object"]],
            "gapsTruncated": ["type": "boolean"],
        ],
    ]

    /// One that the demo has, shortened.
    static let event: DocumentValue = [
        "metadata": [
            "name": "web-1.18e9ed4676dad990", "namespace": "shop", "uid": "0f5a2f30-6f0b-4d0c-9d5e-0b1b7a1c2d3e",
            "resourceVersion": "81543", "creationTimestamp": "2026-11-21T04:41:07Z",
        ],
        "involvedObject": ["kind": "Pod", "namespace": "shop", "name": "web-1", "apiVersion": "v1"],
        "reason": "BackOff", "message": "Back-off restarting failed container web in pod web-1",
        "source": ["component": "kubelet", "host": "node-1"],
        "firstTimestamp": "2026-11-21T04:41:07Z", "lastTimestamp": "2026-11-21T04:43:19Z", "count": 7,
        "type": "Warning", "eventTime": .null, "reportingComponent": "kubelet", "reportingInstance": "node-1",
        "cluster": "prod",
    ]
}
