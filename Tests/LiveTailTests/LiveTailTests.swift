import Testing

@testable import LiveTail
