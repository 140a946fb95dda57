internal import Synchronization

/// The bearer token that requests carry, kept fresh. Never logged, never in an error.
///
/// A token file is looked at before each request: its fingerprint (device, inode, size, modification time) tells of a
/// rotation at once, and every 60 s it is read in any case, since file systems exist that show neither. After a 401 it
/// is read whatever it looks like. One token is held.
final class Credentials: Sendable {
    /// The longest that a token is trusted without reading its file again.
    static let longestTrust: Duration = .seconds(60)

    private struct Cached {
        var token: String
        var fingerprint: SmallFile.Fingerprint?
        var readAt: ContinuousClock.Instant
    }

    private let source: TokenSource
    private let cached = Mutex<Cached?>(nil)

    init(_ source: TokenSource) {
        self.source = source
    }

    /// The token for a request made now; nil if none is needed.
    ///
    /// - Throws: `CredentialsError` if there is no token to be had. A file that cannot be read now does not matter as
    ///   long as an earlier token of it is known.
    func token(now: ContinuousClock.Instant = .now) async throws(CredentialsError) -> String? {
        switch source {
        case .none: return nil
        case .fixed(let token): return try Self.checked(token, from: "the kubeconfig's token")
        case .file(let path, let fallback): return try await token(in: SmallFile(path: path), fallback, now)
        }
    }

    /// To be called after a 401: the next request reads the file again.
    func expire() {
        cached.withLock { $0?.fingerprint = nil }
    }

    private func token(
        in file: SmallFile,
        _ fallback: String?,
        _ now: ContinuousClock.Instant
    ) async throws(CredentialsError) -> String {
        let known = cached.withLock { $0 }
        // The fingerprint is taken before the content: a rotation between the two is found the next time.
        let fingerprint = try? await file.fingerprint()
        if let known, let fingerprint, known.fingerprint == fingerprint, now - known.readAt < Self.longestTrust {
            return known.token
        }
        do {
            let content = try await file.read()
            let token = try Self.checked(
                String(decoding: content, as: UTF8.self).trimmingASCIIWhitespace(),
                from: file.path
            )
            cached.withLock { $0 = Cached(token: token, fingerprint: fingerprint, readAt: now) }
            return token
        } catch let failure as SmallFile.Failure {
            if let token = known?.token ?? fallback { return token }
            throw CredentialsError(problem: "the token file \(file.path): \(failure.problem)")
        } catch let error as CredentialsError {
            if let known { return known.token }
            throw error
        } catch {
            throw CredentialsError(problem: "the token file \(file.path) cannot be read")
        }
    }

    /// RFC 6750's b68token: whatever else a file holds would end up in a header.
    private static func checked(_ token: String, from place: String) throws(CredentialsError) -> String {
        guard !token.isEmpty else { throw CredentialsError(problem: "\(place) is empty") }
        guard token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw CredentialsError(problem: "\(place) holds characters that no token has")
        }
        return token
    }
}

/// Why there are no credentials for a request.
public struct CredentialsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which file, and what is wrong with it; never what it holds.
    public let problem: String

    /// - Parameter problem: which file, and what is wrong with it; never what it holds.
    public init(problem: String) {
        self.problem = problem
    }

    /// The problem.
    public var description: String { problem }
}
