/// Ports for servers that a test stops and starts again. They lie below the range from which the kernel hands out ports,
/// so that no other test is given one in between.
public enum RestartablePort {
    /// Some to try, in random order.
    static func candidates() -> [Int] { (0..<20).map { _ in Int.random(in: 20_000..<30_000) } }

    /// One that was free a moment ago, and that no other test is given meanwhile.
    public static func free() throws -> Int { try PostgresServer.freePort() }
}
