/// A setting's value from the environment or a file, on its way to the parser.
struct LayerValue: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case text(String)
        case list([String])
    }

    let setting: SettingDefinition
    let origin: SettingOrigin
    let value: Value

    init(setting: SettingDefinition, origin: SettingOrigin, value: Value) {
        self.setting = setting
        self.origin = origin
        self.value = value
    }

    /// Nil for a key without value, which counts as not given.
    /// - Throws: ``SettingError`` for a list where one value is wanted, and for mappings.
    init?(setting: SettingDefinition, origin: SettingOrigin, file value: ConfigurationFile.Value) throws(SettingError) {
        switch value {
        case .null: return nil
        case .scalar(let text):
            self.init(setting: setting, origin: origin, value: setting.isRepeating ? .list([text]) : .text(text))
        case .list(let items):
            guard setting.isRepeating else { throw SettingError("\(origin): give one value, not a list") }
            var texts: [String] = []
            for item in items {
                guard let item else { throw SettingError("\(origin): give a list of plain values") }
                texts.append(item)
            }
            self.init(setting: setting, origin: origin, value: .list(texts))
        case .mapping: throw SettingError("\(origin): give a value, not keys with values")
        }
    }

    /// As on a command line.
    func words() throws(SettingError) -> [String] {
        switch (setting.kind, value) {
        case (.flag, .text(let text)): return try isOn(text) ? ["--\(setting.name)"] : []
        case (.flag, .list): throw SettingError("\(origin): give true or false")
        case (.option, .text(let text)): return optionWords(text)
        case (.option, .list(let texts)): return texts.flatMap(optionWords)
        }
    }

    /// The form with `=` takes values that begin with a dash; but ArgumentParser misses an empty one in it.
    private func optionWords(_ text: String) -> [String] {
        text.isEmpty ? ["--\(setting.name)", ""] : ["--\(setting.name)=\(text)"]
    }

    private func isOn(_ text: String) throws(SettingError) -> Bool {
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw SettingError("\(origin): '\(text)' is neither true nor false")
        }
    }
}
