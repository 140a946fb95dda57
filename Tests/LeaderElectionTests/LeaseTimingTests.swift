import Testing

@Suite("Leader election") struct LeaseTimingTests {}
