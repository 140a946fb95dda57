import Foundation
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite struct CredentialsTests {
    private let start = ContinuousClock.now

    @Test func aTokenFileIsReadAgainWhenItIsReplaced() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("first\n".utf8, to: "token")
        let credentials = Credentials(.file(file))
        #expect(try await credentials.token() == "first")
        try FileManager.default.removeItem(atPath: file)
        try folder.write("second\n".utf8, to: "token")
        #expect(try await credentials.token() == "second")
    }

    @Test func exchangingTheSymbolicLinkOfTheKubeletIsSeen() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("first".utf8, to: "a")
        try folder.write("other".utf8, to: "b")
        let link = folder.path + "/token"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a")
        let credentials = Credentials(.file(link))
        #expect(try await credentials.token() == "first")
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "b")
        #expect(try await credentials.token() == "other")
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
        #expect(try await credentials.token(now: start) == "first")
        try rewriteUnnoticed(file, "other")
        #expect(try await credentials.token(now: start + .seconds(59)) == "first")
        #expect(try await credentials.token(now: start + .seconds(60)) == "other")
    }

    @Test func afterA401TheFileIsReadWhateverItLooksLike() async throws {
        let folder = try TemporaryDirectory()
        let file = try oldFile(folder, "first")
        let credentials = Credentials(.file(file))
        #expect(try await credentials.token(now: start) == "first")
        try rewriteUnnoticed(file, "other")
        credentials.expire()
        #expect(try await credentials.token(now: start + .seconds(1)) == "other")
    }

    @Test func aFileThatIsGoneForAMomentDoesNotMatter() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("first".utf8, to: "token")
        let credentials = Credentials(.file(file))
        #expect(try await credentials.token() == "first")
        try FileManager.default.removeItem(atPath: file)
        #expect(try await credentials.token() == "first")
        try folder.write("".utf8, to: "token")
        #expect(try await credentials.token() == "first")
    }

    @Test func theTokenBesideTheFileIsForWhenTheFileWasNeverRead() async throws {
        let folder = try TemporaryDirectory()
        let credentials = Credentials(.file(folder.path + "/token", fallback: "beside"))
        #expect(try await credentials.token() == "beside")
        try folder.write("inside".utf8, to: "token")
        #expect(try await credentials.token() == "inside")
    }

    @Test func whatIsNoTokenIsRefusedWithoutBeingShown() async throws {
        let folder = try TemporaryDirectory()
        let missing = Credentials(.file(folder.path + "/missing"))
        let error = await #expect(throws: CredentialsError.self) { try await missing.token() }
        #expect(error?.problem.contains("/missing: cannot be opened: No such file") == true)
        for content in ["", " \n", "two words", "line\r\nInjected: yes"] {
            let file = try folder.write(content.utf8, to: "token")
            let error = await #expect(throws: CredentialsError.self) { try await Credentials(.file(file)).token() }
            #expect(error?.problem.contains("Injected") == false)
        }
        await #expect(throws: CredentialsError.self) { try await Credentials(.fixed("a b")).token() }
        #expect(try await Credentials(.none).token() == nil)
    }

    @Test func aFileThatIsMuchTooLongIsRefused() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write(String(repeating: "a", count: SmallFile.limit + 1).utf8, to: "token")
        await #expect(throws: CredentialsError.self) { try await Credentials(.file(file)).token() }
    }
}
