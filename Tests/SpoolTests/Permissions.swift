import Foundation

/// What a file's mode says.
struct Permissions {
    let mode: Int

    init(of path: String) throws {
        mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0
    }
}
