/// An error that says how the program is to end. Any other error that a command throws ends it with 1 and one line.
public struct ProgramExit: Error, Hashable, CustomStringConvertible {
    /// Exit status.
    public let code: Int32
    /// One line: what and where. Never a secret.
    public let description: String

    /// Wrong usage: 64, as EX_USAGE of sysexits.h.
    public static func usage(_ message: String) -> ProgramExit { ProgramExit(code: 64, description: message) }
    /// Failure: 1.
    public static func failure(_ message: String) -> ProgramExit { ProgramExit(code: 1, description: message) }
}
