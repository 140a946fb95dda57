import Settings
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1", 8080, true), ("127.9.8.7:1", "127.9.8.7", 1, true),
        ("localhost:0", "localhost", 0, true), ("LOCALHOST:5", "LOCALHOST", 5, true),
        ("[::1]:80", "::1", 80, true), ("[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80, true),
        ("0.0.0.0:65535", "0.0.0.0", 65_535, false), (":8080", "0.0.0.0", 8080, false),
        ("[::]:2112", "::", 2112, false), ("10.0.0.1:80", "10.0.0.1", 80, false),
        ("[fe80::1]:80", "fe80::1", 80, false), ("kee.example_1-a:80", "kee.example_1-a", 80, false),
        ("localhost.evil.com:80", "localhost.evil.com", 80, false),
    ])
    func isRead(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try ListenAddress(parsing: text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.isLoopback == isLoopback)
        #expect(try ListenAddress(parsing: address.description) == address)
    }

    @Test(arguments: [
        ("", "give host:port"), ("8080", "give host:port"), ("localhost", "give host:port"),
        ("localhost:", "the port must be"), ("localhost:http", "the port must be"), ("a:65536", "the port must be"),
        ("a:-1", "the port must be"), ("a:+1", "the port must be"), ("a: 1", "the port must be"),
        ("::1:80", "in brackets, such as [::1]:80"), ("[::g]:80", "no IPv6 address"),
        ("[127.0.0.1]:80", "no IPv6 address"), ("127.0.0.300:80", "no IPv4 address"), ("127.1:80", "no IPv4 address"),
        ("a b:80", "no host name"), ("http://a:80", "in brackets"), ("ä:80", "no host name"),
    ])
    func isRefusedWithARemedy(text: String, reason: String) {
        let error = #expect(throws: SettingValueError.self) { try ListenAddress(parsing: text) }
        #expect(error?.description.hasPrefix("'\(text)' is no address to listen on: ") == true)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:1", "[::1]:1"), ("10.0.0.1:1", "10.0.0.1:1")])
    func everyInterfaceIsReachedOverLoopback(text: String, local: String) throws {
        #expect(try ListenAddress(parsing: text).reachableLocally.description == local)
    }
}
