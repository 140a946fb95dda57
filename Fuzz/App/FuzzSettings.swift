#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What scripts/fuzz.sh asks for, in the environment.
struct FuzzSettings {
    /// How many documents are read.
    var documents: UInt64 = 1_000_000
    /// Drawn if it is not given.
    var seed = UInt64.random(in: 1...UInt64.max)
    /// The number of the first document; to read one again alone, with `documents` 1.
    var first: UInt64 = 0
    /// Where a document that fails is put.
    var folder = "."
    /// More resident memory than this at the end is a failure. Documents have up to 1 MiB, and each thread holds a
    /// few forms of one.
    var megabytes = 300

    /// - Returns: nil after telling what is wrong.
    init?(environment: (String) -> String? = Self.variable) {
        func number<Value: FixedWidthInteger>(_ name: String, _ value: inout Value) -> Bool {
            guard let text = environment(name), !text.isEmpty else { return true }
            guard let given = Value(text), given >= 0 else {
                tell("error: \(name) is \"\(text)\", but should be a number.")
                return false
            }
            value = given
            return true
        }
        guard number("DOCUMENTS", &documents), number("SEED", &seed), number("FIRST", &first),
            number("MEGABYTES", &megabytes)
        else { return nil }
        if let given = environment("FOLDER"), !given.isEmpty { folder = given }
    }

    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// A line on standard error, at once.
func tell(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// The most memory that this process ever had resident, in MB.
func peakMegabytes() -> Int {
    var usage = rusage()
    #if canImport(Glibc)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
        getrusage(RUSAGE_SELF, &usage)
    #endif
    #if canImport(Darwin)
        return Int(usage.ru_maxrss) >> 20
    #else
        return Int(usage.ru_maxrss) >> 10
    #endif
}

/// The bytes of a file, or nil after telling why not.
func content(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else {
        tell("error: \(path) cannot be opened: \(String(cString: strerror(errno)))")
        return nil
    }
    defer { fclose(file) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { return content }
        content.append(contentsOf: buffer[..<count])
    }
}

/// Puts a document that failed into a file, and tells its path.
func keep(_ text: [UInt8], seed: UInt64, number: UInt64, in folder: String) {
    let path = "\(folder)/fuzz-\(seed)-\(number).json"
    guard let file = fopen(path, "w") else { return tell("\(path) cannot be written.") }
    _ = text.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    fclose(file)
    tell("The document is in \(path). Read it again: SEED=\(seed) FIRST=\(number) DOCUMENTS=1 make fuzz")
}
