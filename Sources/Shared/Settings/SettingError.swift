/// Settings that cannot be used: wrong usage, said with its place.
struct SettingError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Where a value that is not on the command line came from.
enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    case environment(variable: String)
    case file(path: String, line: Int, key: String)

    var description: String {
        switch self {
        case .environment(let variable): "\(variable) in the environment"
        case .file(let path, let line, let key): "\(path):\(line): \(key)"
        }
    }
}
