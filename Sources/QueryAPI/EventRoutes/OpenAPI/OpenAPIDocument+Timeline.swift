internal import EventSchema

extension OpenAPIDocument {
    /// The body of a timeline.
    static let timeline: DocumentValue = [
        "type": "object",
        "required": ["kind", "apiVersion", "metadata", "objects", "items"],
        "properties": [
            "kind": ["const": "Timeline"],
            "apiVersion": ["const": "kee/v1"],
            "metadata": [
                "allOf": [.reference("schemas", "ListMetadata")],
                "properties": [
                    "objectsTruncated": ["type": "boolean", "description": "There are more objects than are told of."]
                ],
            ],
            "objects": [
                "type": "array", "maxItems": 1000,
                "description": "Those that ever had the name, then what they owned, level by level.",
                "items": [
                    "type": "object",
                    "required": ["kind", "apiVersion", "name", "uid", "owner", "chain"],
                    "properties": [
                        "kind": ["type": "string"], "apiVersion": ["type": "string"],
                        "namespace": ["type": "string", "description": "Absent for what belongs to the cluster."],
                        "name": ["type": "string"], "uid": ["type": "string", "format": "uuid"],
                        "owner": [
                            "type": ["object", "null"],
                            "description": "Its controller; null for none, or where `chain` is not `known`.",
                            "required": ["kind", "apiVersion", "name", "uid"],
                            "properties": [
                                "kind": ["type": "string"], "apiVersion": ["type": "string"],
                                "name": ["type": "string"], "uid": ["type": "string", "format": "uuid"],
                            ],
                        ],
                        "chain": [
                            "type": "string", "description": "How well its owner is known.",
                            "enum": .list(ObjectChain.allCases.map { .string($0.word) }),
                        ],
                    ],
                ],
            ],
            "items": ["type": "array", "items": .reference("schemas", "Event")],
        ],
    ]
}
