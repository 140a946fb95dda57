internal import Synchronization

/// A file that somebody else replaces now and then: a token, a certificate, a key.
///
/// It is looked at whenever its value is wanted: its fingerprint (device, inode, size, modification time) tells of a
/// rotation at once, and every 60 s it is read in any case, since file systems exist that show neither. A file that
/// cannot be read, or holds nonsense, does not matter as long as an earlier value of it is known. One value is held.
final class RotatingFile<Value: Sendable>: Sendable {
    private struct Cached {
        var value: Value
        var fingerprint: SmallFile.Fingerprint?
        var readAt: ContinuousClock.Instant
    }

    private let file: SmallFile
    /// What it is, for messages, such as `the token file`.
    private let name: String
    private let parse: @Sendable ([UInt8]) throws(CredentialsError) -> Value
    private let cached = Mutex<Cached?>(nil)

    /// - Parameters:
    ///   - name: what it is, for messages.
    ///   - parse: makes the value of the content.
    init(
        _ path: String,
        name: String,
        parse: @escaping @Sendable ([UInt8]) throws(CredentialsError) -> Value
    ) {
        file = SmallFile(path: path)
        self.name = name
        self.parse = parse
    }

    /// The longest that a value is trusted without reading the file again.
    static var longestTrust: Duration { .seconds(60) }

    /// The value now.
    ///
    /// - Parameter fallback: what to use if the file was never read, and cannot be.
    func value(fallback: Value? = nil, now: ContinuousClock.Instant) async throws(CredentialsError) -> Value {
        let known = cached.withLock { $0 }
        // The fingerprint is taken before the content: a rotation between the two is found the next time.
        let fingerprint = try? await file.fingerprint()
        if let known, let fingerprint, known.fingerprint == fingerprint, now - known.readAt < Self.longestTrust {
            return known.value
        }
        let content: [UInt8]
        do {
            content = try await file.read()
        } catch {
            if let value = known?.value ?? fallback { return value }
            throw CredentialsError(problem: "\(name) \(file.path): \(error.problem)")
        }
        do {
            let value = try parse(content)
            cached.withLock { $0 = Cached(value: value, fingerprint: fingerprint, readAt: now) }
            return value
        } catch {
            if let known { return known.value }
            throw error
        }
    }

    /// Makes the next `value` read the file whatever it looks like.
    func expire() {
        cached.withLock { $0?.fingerprint = nil }
    }
}
