/// The query parameters of the event routes.
enum ParameterName: String, QueryName {
    case limit, `continue`, perCluster, since, until, type, reason, kind, component, name, q, view, order

    var canBeRepeated: Bool {
        switch self {
        case .type, .reason, .kind, .component: true
        case .limit, .continue, .perCluster, .since, .until, .name, .q, .view, .order: false
        }
    }

    var longestValue: Int {
        switch self {
        case .continue: ContinueToken.longestText
        case .q: EventParameters.longestText
        case .limit, .perCluster, .since, .until, .type, .reason, .kind, .component, .name, .view, .order:
            EventParameters.longestValue
        }
    }
}
