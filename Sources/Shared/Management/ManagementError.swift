public import Settings

/// The management listener could not start.
public struct ManagementError: Error, CustomStringConvertible {
    /// Where it was to listen.
    public let address: ListenAddress
    /// What the system said.
    public let reason: String

    init(address: ListenAddress, cause: any Error) {
        self.address = address
        reason = NetworkReason.text(cause)
    }

    /// What failed, why, and what to do.
    public var description: String {
        "cannot listen on \(address) for management: \(reason); choose another address with --management-listen"
    }
}
