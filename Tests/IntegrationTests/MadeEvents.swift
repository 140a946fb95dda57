import Foundation
import TestSupport

/// Events in files, as an API server would have written them.
enum MadeEvents {
    /// One core/v1 Event in a line.
    ///
    /// - Parameters:
    ///   - number: makes its uid, its resourceVersion and its object's name.
    ///   - second: of its time, after midnight of a fixed day.
    static func line(_ number: Int, second: Int? = nil, namespace: String = "shop") -> String {
        let second = second ?? number
        let time = String(format: "2026-11-21T%02d:%02d:%02dZ", second / 3600 % 24, second / 60 % 60, second % 60)
        let uid = String(format: "00000000-0000-4000-8000-%012x", number)
        return """
            {"kind":"Event","apiVersion":"v1","metadata":{"name":"pod-\(number).18e9ed4676dad990",\
            "namespace":"\(namespace)","uid":"\(uid)","resourceVersion":"\(number)","creationTimestamp":"\(time)"},\
            "involvedObject":{"kind":"Pod","namespace":"\(namespace)","name":"pod-\(number)","apiVersion":"v1"},\
            "reason":"BackOff","message":"Back-off restarting failed container \(number)",\
            "source":{"component":"kubelet","host":"node-1"},"firstTimestamp":"\(time)","lastTimestamp":"\(time)",\
            "count":1,"type":"Warning","eventTime":null,"reportingComponent":"kubelet","reportingInstance":"node-1"}
            """
    }

    static func lines(_ numbers: some Sequence<Int>, second: (Int) -> Int = { $0 }) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in numbers { bytes += Array(line(number, second: second(number)).utf8) + [10] }
        return bytes
    }
}

/// The recording that the repository carries.
enum Demo {
    static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "demo/events.ndjson.gz").path(percentEncoded: false)

    /// Its lines.
    static func lines() async throws -> [[UInt8]] {
        try await offPool { try gunzip(path).split(separator: UInt8(ascii: "\n")).map { Array($0) } }
    }
}

/// The content of a file, unpacked by gzip itself.
func gunzip(_ path: String) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(bytes)
}

/// Does what blocks or takes long on a thread of Dispatch: those of Swift's pool are two on a small machine, and all
/// other tests wait for them.
func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}
