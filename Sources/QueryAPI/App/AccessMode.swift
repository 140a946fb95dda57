import Settings

/// Who may read. Other modes than `open` come with access control, and are refused until then.
enum AccessMode: String, CaseIterable, Sendable {
    /// Everyone who reaches the listener.
    case open

    init(parsing text: String) throws(SettingValueError) {
        guard let mode = AccessMode(rawValue: text) else {
            throw SettingValueError("'\(text)' is no access mode of this version: it knows only open")
        }
        self = mode
    }

    /// Everyone on this machine may read without a word; a listener that others reach must be opened by hand.
    static func required(_ given: AccessMode?, listen: ListenAddress) throws(ProgramExit) {
        guard given == nil, !listen.isLoopback else { return }
        throw .usage(
            "--access is missing: \(listen) can be reached from other machines, and everyone who reaches it may read all"
                + " events. Say so with '--access open', or listen on this machine only, such as"
                + " '--listen 127.0.0.1:\(listen.port)'"
        )
    }
}
