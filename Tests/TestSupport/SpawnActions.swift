import Foundation

extension posix_spawn_file_actions_t {
    /// Closes in the new process whatever this one has open beyond the three standard streams. A listening socket of a
    /// test that a server inherits would keep its port taken, and its connections open, for as long as that runs.
    ///
    /// To be called last. What is opened between this call and the start is inherited; nothing closes that gap in Swift.
    mutating func closeAllBeyondStandardStreams() {
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
        for descriptor in open.compactMap({ Int32($0) }) where descriptor > 2 {
            posix_spawn_file_actions_addclose(&self, descriptor)
        }
    }
}
