/// A place in the feed: behind one event that was committed. It carries the identity of that event as a witness, so that
/// another archive's position, or one that a failover took back, is told from one of this archive.
public struct FeedPosition: Sendable, Hashable {
    /// The transaction.
    public let transaction: UInt64
    /// Within the transaction.
    public let sequence: Int64
    /// How many events of that row of the feed lie before it; from 1.
    public let place: Int32
    /// The identity of the last one of them.
    public let witness: Int64

    /// From its parts.
    public init(transaction: UInt64, sequence: Int64, place: Int32, witness: Int64) {
        (self.transaction, self.sequence) = (transaction, sequence)
        (self.place, self.witness) = (place, witness)
    }

    /// Before everything: where a tail starts whose feed holds nothing that can be read yet.
    public static let origin = FeedPosition(transaction: 0, sequence: 0, place: 0, witness: 0)
}

extension FeedPosition: Comparable {
    /// The order of commits, as far as it can be told from outside.
    public static func < (left: FeedPosition, right: FeedPosition) -> Bool {
        (left.transaction, left.sequence, left.place) < (right.transaction, right.sequence, right.place)
    }
}

extension FeedPosition: LosslessStringConvertible {
    /// As clients keep it: `742-18-3-9f2c41d07be8a653`.
    public var description: String {
        "\(transaction)-\(sequence)-\(place)-\(String(UInt64(bitPattern: witness), radix: 16))"
    }

    /// Reads what `description` writes; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.longestText else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, let transaction = UInt64(parts[0]), let sequence = Int64(parts[1]),
            let place = Int32(parts[2]), let witness = UInt64(parts[3], radix: 16)
        else { return nil }
        self.init(
            transaction: transaction,
            sequence: sequence,
            place: place,
            witness: Int64(bitPattern: witness)
        )
        guard description == text else { return nil }
    }

    private static let longestText = 70
}
