import Foundation

extension FakeAPIServer {
    /// One line of the journal: something that happened to the store.
    ///
    /// `{"type":"ADDED","rv":1001,"time":1795227278000000,"key":"shop/web-1.18e9","object":{…}}` for an event, with the
    /// type MODIFIED or DELETED too; `ADVANCE`, `COMPACT`, `BACKUP`, `RESTORE` and `CLUSTER` without key and object.
    /// `rv` is the version after it (of a COMPACT: the one that all before is forgotten), `time` is in microseconds
    /// since 1970.
    enum Record {
        case change(Store.Change.Kind, Store.Item)
        case advance(to: Int)
        case compact(before: Int)
        case backUp(Int)
        case restore(version: Int, isBumped: Bool)
        case cluster(uid: String)
        /// Of a kind that is not known here: of other objects, and so no more than a step of the version.
        case other(version: Int)
    }
}

extension FakeAPIServer.Record {
    func append(to bytes: inout [UInt8], version: Int, time: Int64) {
        var number = version
        var rest = "}\n"
        let type: String
        switch self {
        case .change(let kind, let item):
            // In pieces: an event is a thousand bytes, and there are thousands of them a second.
            bytes += Array(#"{"type":"\#(kind.rawValue)","rv":\#(version),"time":\#(time),"key":"\#(item.key)","#.utf8)
            bytes += Array((#""object":{"# + FakeAPIServer.Event.typeMeta).utf8)
            bytes += item.body
            bytes += Array(rest.utf8)
            return
        case .advance(let version): (type, number) = ("ADVANCE", version)
        case .compact(let version): (type, number) = ("COMPACT", version)
        case .backUp(let version): (type, number) = ("BACKUP", version)
        case .restore(let version, let isBumped):
            (type, number) = ("RESTORE", version)
            rest = #","bumped":\#(isBumped)}"# + "\n"
        case .cluster(let uid):
            type = "CLUSTER"
            rest = #","uid":"\#(uid)"}"# + "\n"
        case .other(let version): (type, number) = ("OTHER", version)
        }
        bytes += Array((#"{"type":"\#(type)","rv":\#(number),"time":\#(time)"# + rest).utf8)
    }

    /// Reads a line that `append` wrote. Byte by byte only as far as needed: a journal is long, and a server that was
    /// killed is to be back soon.
    ///
    /// - Returns: nil for anything else.
    init?(line: ArraySlice<UInt8>) {
        var scan = LineScan(rest: line)
        guard scan.skip(#"{"type":""#), let type = scan.text(), scan.skip(#","rv":"#), let version = scan.number(),
            scan.skip(#","time":"#), scan.number() != nil
        else { return nil }
        switch type {
        case "ADDED", "MODIFIED", "DELETED":
            guard let kind = FakeAPIServer.Store.Change.Kind(rawValue: type), scan.skip(#","key":""#),
                let key = scan.text(), scan.skip(#","object":{"# + FakeAPIServer.Event.typeMeta)
            else { return nil }
            let item = FakeAPIServer.Store.Item(key: key, version: version, body: Array(scan.rest.dropLast()))
            self = .change(kind, item)
        case "ADVANCE": self = .advance(to: version)
        case "COMPACT": self = .compact(before: version)
        case "BACKUP": self = .backUp(version)
        case "RESTORE":
            guard scan.skip(#","bumped":"#) else { return nil }
            self = .restore(version: version, isBumped: scan.skip("true"))
        case "CLUSTER":
            guard scan.skip(#","uid":""#), let uid = scan.text() else { return nil }
            self = .cluster(uid: uid)
        default: self = .other(version: version)
        }
    }

    private struct LineScan {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ text: String) -> Bool {
            guard rest.starts(with: text.utf8) else { return false }
            rest = rest.dropFirst(text.utf8.count)
            return true
        }

        /// Up to a quote, which is taken too. Nothing in a journal's own fields has an escape.
        mutating func text() -> String? {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }

        mutating func number() -> Int? {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest[digits.endIndex...]
            return Int(String(decoding: digits, as: UTF8.self))
        }
    }
}

extension FakeAPIServer.Store {
    /// Does again what was written down.
    mutating func replay(_ record: FakeAPIServer.Record) {
        switch record {
        case .change(.deleted, let item):
            // Several share one version, and come as records of their own.
            version = item.version
            let previous = items.removeValue(forKey: item.key)
            changes.append(Change(kind: .deleted, version: version, previous: previous, item: item))
        case .change(_, let item): put(item, at: 0)
        case .advance(let version), .other(let version): self.version = max(self.version, version)
        case .compact(let version): compact(before: version)
        case .backUp: backUp()
        case .restore(let version, let isBumped): restore(revisionBump: isBumped ? version - self.version : nil)
        case .cluster(let uid): clusterUID = uid
        }
    }
}
