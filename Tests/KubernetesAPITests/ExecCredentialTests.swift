import Testing

@testable import KubernetesAPI

@Suite("What an exec plugin answers") struct ExecCredentialTests {
    private static func output(_ status: String, version: String = "v1", kind: String = "ExecCredential") -> [UInt8] {
        Array(
            #"{"apiVersion":"client.authentication.k8s.io/\#(version)","kind":"\#(kind)","status":\#(status)}"#.utf8
        )
    }

    private static let pem =
        #""clientCertificateData":"-----BEGIN CERTIFICATE-----\nhunter2","#
        + #""clientKeyData":"-----BEGIN PRIVATE KEY-----\nhunter2""#

    @Test func aTokenWithItsExpiry() throws {
        let status = #"{"token":"abc","expirationTimestamp":"2026-11-25T12:00:00Z"}"#
        let credential = try ExecCredential(output: Self.output(status), apiVersion: .v1)
        #expect(credential == ExecCredential(token: "abc", expiration: MicroTime(microseconds: 1_795_608_000_000_000)))
    }

    @Test func aCertificateAloneOrBoth() throws {
        let alone = try ExecCredential(output: Self.output("{\(Self.pem)}", version: "v1beta1"), apiVersion: .v1beta1)
        #expect(alone.token == nil && alone.expiration == nil)
        #expect(alone.certificate?.key == Array("-----BEGIN PRIVATE KEY-----\nhunter2".utf8))
        let both = try ExecCredential(output: Self.output(#"{"token":"abc",\#(Self.pem)}"#), apiVersion: .v1)
        #expect(both.token == "abc" && both.certificate == alone.certificate)
    }

    @Test(arguments: [
        ("hunter2", "is no JSON object"), ("", "is no JSON object"), ("[]", "is no JSON object"),
        (String(decoding: output("{}", kind: "hunter2"), as: UTF8.self), "is no ExecCredential"),
        (
            String(decoding: output("{}", version: "v1beta1"), as: UTF8.self),
            "answered in client.authentication.k8s.io/v1beta1"
        ),
        (String(decoding: output("{}", version: "hunter2"), as: UTF8.self), "answered in another apiVersion"),
        (String(decoding: output("null"), as: UTF8.self), "has no status"),
        (String(decoding: output("{}"), as: UTF8.self), "neither a token nor a client certificate"),
        (String(decoding: output(#"{"token":""}"#), as: UTF8.self), "neither a token nor a client certificate"),
        (String(decoding: output(#"{"token":5}"#), as: UTF8.self), "status.token is no text"),
        (String(decoding: output(#"{"token":"hunter2\r\nX: y"}"#), as: UTF8.self), "characters that no token has"),
        (String(decoding: output(#"{"token":"t","clientKeyData":"hunter2"}"#), as: UTF8.self), "only one of"),
        (
            String(decoding: output(#"{"clientCertificateData":"hunter2","clientKeyData":"hunter2"}"#), as: UTF8.self),
            "is no PEM"
        ),
        (String(decoding: output(#"{"token":"t","expirationTimestamp":"soon"}"#), as: UTF8.self), "is no time"),
    ])
    func whatIsNoCredentialIsRefusedAndNotRepeated(output: String, reason: String) throws {
        let error = try #require(throws: ExecCredential.Malformed.self) {
            try ExecCredential(output: Array(output.utf8), apiVersion: .v1)
        }
        #expect(error.reason.contains(reason), "\(error.reason)")
        #expect(!error.reason.contains("hunter2"))
    }
}
