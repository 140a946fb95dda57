internal import JSON

/// A Lease of coordination.k8s.io/v1, as far as a leader election needs it.
public struct Lease: Sendable, Equatable {
    /// `metadata.namespace`.
    public var namespace: String
    /// `metadata.name`.
    public var name: String
    /// `metadata.resourceVersion`; nil before it is created. An update with it fails if it is not the newest any more.
    public var resourceVersion: String?
    /// Who holds it; nil or empty if nobody does.
    public var holderIdentity: String?
    /// For how long others leave it to its holder after a renewal, in seconds.
    public var leaseDurationSeconds: Int?
    /// When its holder came to hold it, by that one's clock.
    public var acquireTime: MicroTime?
    /// When its holder last renewed it, by that one's clock.
    public var renewTime: MicroTime?
    /// How often it went from one holder to another.
    public var leaseTransitions: Int?
    /// Labels, annotations and whatever else an update must not take away: members of `metadata`, as JSON text.
    private var otherMetadata: [UInt8] = []

    /// A lease that nobody holds; see the properties.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }
}

extension Lease {
    struct Malformed: Error { let reason: String }

    /// Reads an API server's answer.
    init(body: [UInt8]) throws(Malformed) {
        guard let root = try? JSONDocument(parsing: body).root, root["kind"]?.string == "Lease" else {
            throw Malformed(reason: "the answer is no Lease")
        }
        guard let metadata = root["metadata"], let name = metadata["name"]?.string,
            let namespace = metadata["namespace"]?.string, let version = metadata["resourceVersion"]?.string,
            !version.isEmpty
        else { throw Malformed(reason: "the Lease has no name, no namespace or no resourceVersion") }
        self.init(namespace: namespace, name: name)
        resourceVersion = version
        let spec = root["spec"]
        holderIdentity = spec?["holderIdentity"]?.string
        leaseDurationSeconds = spec?["leaseDurationSeconds"]?.int64.flatMap { Int(exactly: $0) }
        leaseTransitions = spec?["leaseTransitions"]?.int64.flatMap { Int(exactly: $0) }
        acquireTime = MicroTime(spec?["acquireTime"])
        renewTime = MicroTime(spec?["renewTime"])
        var others = JSONOutput()
        for member in metadata.members where !Self.ownMetadata.contains(member.key.string) {
            others.write(",")
            others.write(member.key.json)
            others.write(":")
            others.write(member.value)
        }
        otherMetadata = others.bytes
    }

    /// What this type knows itself, and what an API server sets.
    private static let ownMetadata: Set = [
        "name", "namespace", "resourceVersion", "managedFields", "creationTimestamp", "generation", "selfLink",
    ]

    /// What is sent to create or update it.
    var body: [UInt8] {
        var output = JSONOutput()
        output.write("{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{\"name\":")
        output.write(string: name)
        output.write(",\"namespace\":")
        output.write(string: namespace)
        if let resourceVersion {
            output.write(",\"resourceVersion\":")
            output.write(string: resourceVersion)
        }
        output.write(otherMetadata)
        output.write("},\"spec\":{\"holderIdentity\":")
        output.write(string: holderIdentity ?? "")
        if let leaseDurationSeconds {
            output.write(",\"leaseDurationSeconds\":")
            output.write(leaseDurationSeconds)
        }
        if let acquireTime {
            output.write(",\"acquireTime\":")
            output.write(acquireTime)
        }
        if let renewTime {
            output.write(",\"renewTime\":")
            output.write(renewTime)
        }
        if let leaseTransitions {
            output.write(",\"leaseTransitions\":")
            output.write(leaseTransitions)
        }
        output.write("}}")
        return output.bytes
    }
}
