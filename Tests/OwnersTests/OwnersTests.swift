import Testing

@testable import Owners
