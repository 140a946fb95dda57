import HTTPTypes
import Testing

@testable import Listener

@Suite("Addresses of clients")
struct AddressTests {
    @Test(
        arguments: [
            ("10.0.0.1", "10.0.0.1"), ("::1", "0:0:0:0:0:0:0:1"), ("::ffff:10.0.0.1", "10.0.0.1"),
            ("2001:DB8::5", "2001:db8:0:0:0:0:0:5"),
        ]
    )
    func anAddressIsRead(text: String, description: String) {
        #expect(IPAddress(text)?.description == description)
    }

    @Test(arguments: ["", "10.0.0", "10.0.0.256", "localhost", "[::1]", "fe80::1%eth0", "10.0.0.1:80", ":::"])
    func whatIsNoAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        arguments: [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false), ("10.1.2.3/24", "10.1.2.9", true), ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true), ("::/0", "10.0.0.1", false),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe80::1", false), ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
        ]
    )
    func aRangeContains(range: String, address: String, isInside: Bool) throws {
        let address = try #require(IPAddress(address))
        #expect(try AddressRange(parsing: range).contains(address) == isInside)
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "proxy", "10.0.0.0/+8"])
    func whatIsNoRange(text: String) {
        let error = #expect(throws: AddressRangeError.self) { try AddressRange(parsing: text) }
        #expect(error?.description.contains("'\(text)'") == true)
    }

    @Test func aClientChoosesAmongTheAddressesOfItsNetwork() {
        #expect(IPAddress("2001:db8:1:2:3:4:5:6")?.network == IPAddress("2001:db8:1:2::"))
        #expect(IPAddress("10.1.2.3")?.network == IPAddress("10.1.2.3"))
    }

    /// Trusted: 10.0.0.0/8 and fd00::/8.
    @Test(
        arguments: [
            ("203.0.113.9", ["X-Forwarded-For: 198.51.100.1"], "203.0.113.9", "a stranger's word is not taken"),
            ("10.0.0.1", [], "10.0.0.1", "the proxy itself"),
            ("10.0.0.1", ["X-Forwarded-For: 198.51.100.1"], "198.51.100.1", "one proxy"),
            ("10.0.0.1", ["X-Forwarded-For: 198.51.100.1, 10.0.0.2"], "198.51.100.1", "two proxies"),
            ("10.0.0.1", ["X-Forwarded-For: 192.0.2.66, 198.51.100.1"], "198.51.100.1", "the left one is made up"),
            (
                "10.0.0.1", ["X-Forwarded-For: 192.0.2.66", "X-Forwarded-For: 198.51.100.1"], "198.51.100.1",
                "two fields"
            ),
            ("10.0.0.1", ["X-Forwarded-For: 10.0.0.3, 10.0.0.2"], "10.0.0.3", "all are trusted"),
            ("10.0.0.1", ["X-Forwarded-For: 198.51.100.1, nonsense"], "10.0.0.1", "hidden behind no address"),
            ("10.0.0.1", ["X-Forwarded-For: 198.51.100.1, nonsense, 10.0.0.2"], "10.0.0.2", "hidden further left"),
            ("10.0.0.1", ["X-Forwarded-For: "], "10.0.0.1", "empty"),
            ("10.0.0.1", ["X-Forwarded-For: 198.51.100.1:4711"], "198.51.100.1", "with a port"),
            ("10.0.0.1", ["X-Forwarded-For: [2001:db8::7]:4711"], "2001:db8:0:0:0:0:0:7", "IPv6 with a port"),
            ("fd00::1", ["X-Forwarded-For: 2001:db8::7"], "2001:db8:0:0:0:0:0:7", "IPv6"),
            ("10.0.0.1", ["Forwarded: for=192.0.2.66, for=198.51.100.1;proto=https"], "198.51.100.1", "RFC 7239"),
            ("10.0.0.1", [#"Forwarded: proto=https; For="[2001:db8::7]:80""#], "2001:db8:0:0:0:0:0:7", "quoted"),
            ("10.0.0.1", ["Forwarded: for=198.51.100.1, for=_hidden"], "10.0.0.1", "an obfuscated name"),
            ("10.0.0.1", ["Forwarded: for=198.51.100.1, proto=http"], "10.0.0.1", "nothing said"),
            ("10.0.0.1", ["Forwarded: for=192.0.2.66", "X-Forwarded-For: 198.51.100.1"], "198.51.100.1", "both"),
        ] as [(String, [String], String, Comment)]
    )
    func theClientBehindProxies(peer: String, fields: [String], client: String, why: Comment) throws {
        var headers = HTTPFields()
        for field in fields {
            let parts = field.split(separator: ":", maxSplits: 1)
            headers.append(
                HTTPField(name: try #require(HTTPField.Name(String(parts[0]))), value: String(parts[1].dropFirst()))
            )
        }
        let found = ForwardedAddress.client(
            of: headers,
            peer: try #require(IPAddress(peer)),
            trusted: [try AddressRange(parsing: "10.0.0.0/8"), try AddressRange(parsing: "fd00::/8")]
        )
        #expect(found.description == client, why)
    }

    @Test func aLongListIsNotReadToItsEnd() throws {
        let headers: HTTPFields = [
            HTTPField.Name("X-Forwarded-For")!: "198.51.100.1" + String(repeating: ", 10.0.0.2", count: 1_000)
        ]
        let found = ForwardedAddress.client(
            of: headers,
            peer: try #require(IPAddress("10.0.0.1")),
            trusted: [try AddressRange(parsing: "10.0.0.0/8")]
        )
        #expect(found.description == "10.0.0.2")
    }
}
