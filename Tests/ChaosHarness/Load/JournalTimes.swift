import Foundation
import JSON

/// When the API server accepted each observation, by its resourceVersion, as its journal says.
struct JournalTimes {
    /// Microseconds since 1970.
    private(set) var times: [Int64: Int64] = [:]
    /// The first of them, as they came.
    private(set) var bodies: [[UInt8]] = []

    /// Reads a journal, and writes its observations into a file that `kee-collector replay` reads.
    ///
    /// Line by line: a journal of five minutes has 200 MB.
    init(journal: String, replayFile: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: journal), options: .alwaysMapped)
        _ = FileManager.default.createFile(atPath: replayFile, contents: nil)
        let replay = try FileHandle(forWritingTo: URL(fileURLWithPath: replayFile))
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let record = try JSONDocument(parsing: Array(line)).root
            guard let type = record["type"]?.string, ["ADDED", "MODIFIED"].contains(type),
                let version = record["rv"]?.int64, let time = record["time"]?.int64,
                let object = record["object"]
            else { continue }
            times[version] = time
            if bodies.count < 6000 { bodies.append(Array(object.rawBytes)) }
            try replay.write(contentsOf: Data(object.rawBytes) + Data("\n".utf8))
        }
        try replay.close()
    }
}
