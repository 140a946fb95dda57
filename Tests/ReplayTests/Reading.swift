import EventModel
import JSON
import Synchronization
import TestSupport

@testable import Replay

/// What became of a text, in few words: "0 Reason" for an event, "1 !why" for a rejection.
func read(_ text: some Sequence<UInt8>, chunk: Int = .max, limits: ReplayLimits = ReplayLimits()) -> [String] {
    items(text, chunk: chunk, limits: limits).map(\.summary)
}

func read(_ text: String, chunk: Int = .max, limits: ReplayLimits = ReplayLimits()) -> [String] {
    read(text.utf8, chunk: chunk, limits: limits)
}

func items(_ text: some Sequence<UInt8>, chunk: Int = .max, limits: ReplayLimits = ReplayLimits()) -> [ReplayItem] {
    content(text, chunk: chunk, limits: limits).items
}

/// Gives the bytes of a file to a reader, in chunks, and returns the items and why it did not get to the end.
func content(
    _ text: some Sequence<UInt8>,
    chunk: Int = .max,
    limits: ReplayLimits = ReplayLimits()
) -> (items: [ReplayItem], failure: ReplayError?) {
    let bytes = Array(text)
    var reader = ContentReader(path: "file", limits: limits)
    var items: [ReplayItem] = []
    var start = 0
    while start < bytes.count {
        let end = min(bytes.count, start + min(chunk, bytes.count))
        bytes[start..<end].withUnsafeBufferPointer { part in reader.read(part) { items.append($0) } }
        start = end
    }
    reader.finish { items.append($0) }
    return (items, reader.failure)
}

extension ReplayItem {
    var summary: String {
        switch event {
        case .success(let event): "\(index) \(event.reason?.string ?? "-")"
        case .failure(let rejection): "\(index) !\(rejection)"
        }
    }

    var isEvent: Bool {
        switch event {
        case .success: true
        case .failure: false
        }
    }
}

/// A small event with that reason.
func event(_ reason: String, kind: String = #""kind":"Event","#, more: String = "") -> String {
    #"{\#(kind)"metadata":{"name":"a","creationTimestamp":"2026-01-02T03:04:05Z"},"reason":"\#(reason)"\#(more)}"#
}

/// The same without anything that says that it is one.
func bareEvent(_ reason: String) -> String { event(reason, kind: "") }
