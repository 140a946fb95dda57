/// The directory of a spool, as far as a spool needs it. All calls block.
///
/// Apart from the spool so that tests can have a disk that fails.
protocol SpoolFiles: Sendable {
    /// The path of a file, for errors and logs.
    func path(of name: String) -> String
    /// Makes the directory if it is not there, for its owner only, and locks it until `unlock`.
    ///
    /// - Returns: false if somebody else has it locked.
    func lock() throws(SystemFailure) -> Bool
    func unlock()
    /// The names of all files, in no order.
    func names() throws(SystemFailure) -> [String]
    func open(_ name: String) throws(SystemFailure) -> any SpoolFile
    /// Makes an empty file; one that is there is an error.
    func create(_ name: String) throws(SystemFailure) -> any SpoolFile
    /// Deletes a file; one that is not there is no error.
    func remove(_ name: String) throws(SystemFailure)
    func rename(_ name: String, to newName: String) throws(SystemFailure)
    /// Until then what was created, deleted and renamed may be undone by a crash of the machine.
    func synchronize() throws(SystemFailure)
}

/// An open file of a spool; closed when the last reference goes.
protocol SpoolFile: Sendable {
    func size() throws(SystemFailure) -> Int
    /// - Returns: fewer bytes only where the file ends.
    func read(at offset: Int, count: Int) throws(SystemFailure) -> [UInt8]
    /// Writes all, or throws after none or some of it.
    func write(_ bytes: [UInt8], at offset: Int) throws(SystemFailure)
    func truncate(to size: Int) throws(SystemFailure)
    /// Until then what was written may be undone by a crash of the machine. After a failure nobody knows what is on the
    /// disk, and a second call would succeed without having written it (the kernel has dropped the dirty pages).
    func synchronize() throws(SystemFailure)
}
