/// The query parameters of the event routes.
enum ParameterName: String, QueryName {
    case limit, `continue`, perCluster, since, until, type, reason, kind, name, order

    var canBeRepeated: Bool {
        switch self {
        case .type, .reason, .kind: true
        case .limit, .continue, .perCluster, .since, .until, .name, .order: false
        }
    }

    var longestValue: Int {
        switch self {
        case .continue: ContinueToken.longestText
        case .limit, .perCluster, .since, .until, .type, .reason, .kind, .name, .order: EventParameters.longestValue
        }
    }
}
