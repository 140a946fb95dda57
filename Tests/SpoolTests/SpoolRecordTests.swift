import Coverage
import Testing

@testable import Spool

@Suite("A record of the spool, as bytes") struct SpoolRecordTests {
    static let records = [
        SpoolRecord(namespace: nil, position: nil, bodies: []),
        SpoolRecord(namespace: "", position: nil, bodies: [[]]),
        SpoolRecord(namespace: "kube-system", position: .at(4711, since: -5, .restored), bodies: [[0, 0xff], []]),
        SpoolRecord(namespace: nil, position: .at(1), bodies: [Array(repeating: 7, count: 300)]),
    ]

    @Test func comesBackAsItWas() {
        for record in Self.records { #expect(SpoolRecord(encoded: record.encoded()[...]) == record) }
    }

    @Test func isNoRecordWithAByteMoreOrAnyNumberLess() throws {
        let bytes = Self.records[2].encoded()
        #expect(SpoolRecord(encoded: (bytes + [0])[...]) == nil)
        for length in bytes.indices { #expect(SpoolRecord(encoded: bytes[..<length]) == nil) }
    }

    @Test func aDamagedNumberOfBodiesReservesNoMemory() {
        // No namespace, no position, and four thousand million bodies.
        #expect(SpoolRecord(encoded: [0, 0xff, 0xff, 0xff, 0xff]) == nil)
    }

    @Test func theFrameKnowsThatItIsDamaged() {
        let frame = SpoolFrame(payload: [1, 2, 3], bodies: 9, appendedAt: -1)
        let bytes = frame.encoded()
        #expect(SpoolFrame(encoded: bytes) == frame)
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(SpoolFrame(encoded: damaged) == nil)
        }
        #expect(SpoolFrame(encoded: Array(repeating: 0, count: SpoolFrame.size)) == nil)
        #expect(frame.fits([1, 2, 3]) && !frame.fits([1, 2, 4]) && !frame.fits([1, 2]))
    }

    @Test func theChecksumIsThatOfTheRFC() {
        // RFC 3720, B.4; and the check value of every table of CRCs.
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
        #expect(CRC32C.checksum(Array(repeating: UInt8(0), count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.checksum(Array(repeating: UInt8(0xff), count: 32)) == 0x62a8_ab43)
        #expect(CRC32C.checksum((0..<32).map { UInt8($0) }) == 0x46dd_794e)
    }

    @Test func theHeaderTellsWhatItFound() {
        let header = SegmentHeader(cluster: "prod")
        let bytes = header.encoded()
        #expect(bytes.count == header.size)
        #expect(SegmentHeader.read(bytes + [1, 2, 3]) == .header(header))
        for length in bytes.indices { #expect(SegmentHeader.read(Array(bytes[..<length])) == .short) }
        var damaged = bytes
        damaged[17] ^= 4
        #expect(SegmentHeader.read(damaged) == .damaged)
        damaged = bytes
        damaged[8] = 2
        #expect(SegmentHeader.read(damaged) == .unknownVersion(2))
        #expect(SegmentHeader.read(Array("something else".utf8)) == .damaged)
    }
}
