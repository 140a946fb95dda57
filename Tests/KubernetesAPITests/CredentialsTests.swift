import Foundation
import HTTPTransfer
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite struct CredentialsTests {
    private let start = ContinuousClock.now

    @Test func aTokenFileIsReadAgainWhenItIsReplaced() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("first\n".utf8, to: "token")
        let credentials = Credentials(.file(file))
        #expect(try await credentials.current().token == "first")
        try FileManager.default.removeItem(atPath: file)
        try folder.write("second\n".utf8, to: "token")
        #expect(try await credentials.current().token == "second")
    }

    @Test func exchangingTheSymbolicLinkOfTheKubeletIsSeen() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("first".utf8, to: "a")
        try folder.write("other".utf8, to: "b")
        let link = folder.path + "/token"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a")
        let credentials = Credentials(.file(link))
        #expect(try await credentials.current().token == "first")
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "b")
        #expect(try await credentials.current().token == "other")
    }

    /// Rewrites a file so that its fingerprint stays: same inode, size and modification time.
    private func rewriteUnnoticed(_ file: String, _ text: String) throws {
        let date = try #require(try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date)
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
    }

    private func oldFile(_ folder: TemporaryDirectory, _ text: String) throws -> String {
        let file = try folder.write(text.utf8, to: "token")
        // Whole seconds, since a date loses nanoseconds on its way back.
        let date = Date(timeIntervalSince1970: 1_700_000_000)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
        return file
    }

    @Test func aFileThatLooksTheSameIsReadAgainAfterAMinute() async throws {
        let folder = try TemporaryDirectory()
        let file = try oldFile(folder, "first")
        let credentials = Credentials(.file(file))
        #expect(try await credentials.current(now: start).token == "first")
        try rewriteUnnoticed(file, "other")
        #expect(try await credentials.current(now: start + .seconds(59)).token == "first")
        #expect(try await credentials.current(now: start + .seconds(60)).token == "other")
    }

    @Test func afterA401TheFileIsReadWhateverItLooksLike() async throws {
        let folder = try TemporaryDirectory()
        let file = try oldFile(folder, "first")
        let credentials = Credentials(.file(file))
        #expect(try await credentials.current(now: start).token == "first")
        try rewriteUnnoticed(file, "other")
        credentials.refused(RequestCredentials(token: "first"))
        #expect(try await credentials.current(now: start + .seconds(1)).token == "other")
    }

    @Test func aFileThatIsGoneForAMomentDoesNotMatter() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("first".utf8, to: "token")
        let credentials = Credentials(.file(file))
        #expect(try await credentials.current().token == "first")
        try FileManager.default.removeItem(atPath: file)
        #expect(try await credentials.current().token == "first")
        try folder.write("".utf8, to: "token")
        #expect(try await credentials.current().token == "first")
    }

    @Test func theTokenBesideTheFileIsForWhenTheFileWasNeverRead() async throws {
        let folder = try TemporaryDirectory()
        let credentials = Credentials(.file(folder.path + "/token", fallback: "beside"))
        #expect(try await credentials.current().token == "beside")
        try folder.write("inside".utf8, to: "token")
        #expect(try await credentials.current().token == "inside")
    }

    @Test func whatIsNoTokenIsRefusedWithoutBeingShown() async throws {
        let folder = try TemporaryDirectory()
        let missing = Credentials(.file(folder.path + "/missing"))
        let error = await #expect(throws: CredentialsError.self) { try await missing.current() }
        #expect(error?.problem.contains("/missing: cannot be opened: No such file") == true)
        for content in ["", " \n", "two words", "line\r\nInjected: yes"] {
            let file = try folder.write(content.utf8, to: "token")
            let error = await #expect(throws: CredentialsError.self) { try await Credentials(.file(file)).current() }
            #expect(error?.problem.contains("Injected") == false)
        }
        await #expect(throws: CredentialsError.self) { try await Credentials(.fixed("a b")).current() }
        #expect(try await Credentials(.none).current() == RequestCredentials())
    }

    @Test func aFileThatIsMuchTooLongIsRefused() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write(String(repeating: "a", count: SmallFile.limit + 1).utf8, to: "token")
        await #expect(throws: CredentialsError.self) { try await Credentials(.file(file)).current() }
    }

    @Test func aClientCertificateIsReadAgainWhenItsFilesAreReplaced() async throws {
        let certificates = try Certificates.shared()
        let (old, new) = (certificates.client, certificates.otherClient)
        let folder = try TemporaryDirectory()
        let tls = TLSOptions(
            clientCertificate: .file(try folder.write(try old.certificatePEM(), to: "tls.crt")),
            clientKey: .file(try folder.write(try old.keyPEM(), to: "tls.key"))
        )
        let credentials = Credentials(.none, tls: tls)
        let first = try await credentials.current().certificate
        #expect(first == ClientCertificate(certificate: try old.certificatePEM(), key: try old.keyPEM()))
        try folder.write(try new.certificatePEM(), to: "tls.crt")
        try folder.write(try new.keyPEM(), to: "tls.key")
        let second = try await credentials.current().certificate
        #expect(second == ClientCertificate(certificate: try new.certificatePEM(), key: try new.keyPEM()))
        // Half written, as somebody may find it who looks at the wrong moment.
        try folder.write("".utf8, to: "tls.crt")
        #expect(try await credentials.current().certificate == second)
    }

    @Test func aClientCertificateThatCannotBeReadIsNamed() async throws {
        let tls = TLSOptions(clientCertificate: .file("/nowhere/tls.crt"), clientKey: .file("/nowhere/tls.key"))
        let error = await #expect(throws: CredentialsError.self) { try await Credentials(.none, tls: tls).current() }
        #expect(error?.problem.hasPrefix("the client certificate /nowhere/tls.crt: cannot be opened: No such") == true)
    }
}
