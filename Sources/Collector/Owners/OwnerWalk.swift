import EventSchema
import KubernetesAPI

/// The chains of owners of some objects, walked up level by level, all of them at once: the pods of one ReplicaSet ask
/// for it once. It decides; `OwnerRecorder` acts.
struct OwnerWalk {
    /// What is to be done next; each is answered by the method of its name.
    enum Action: Equatable {
        /// Find out which resource each of these is: `resolved`.
        case resolve([ObjectReference])
        /// Look into the archive for these: `recalled`.
        case recall([ObjectReference])
        /// Ask the API server for these: `answered`.
        case ask([Question])
        /// The walk is over: write these.
        case record([ObjectRecord])
    }

    /// What to ask for, and for whom.
    struct Question: Equatable {
        let object: ObjectReference
        let resource: APIResource
    }

    /// What a kind turned out to be.
    enum Resolution: Equatable {
        case resource(APIResource)
        case unowned(isNamespaced: Bool)
        case none
        /// It could not be found out now.
        case failed
    }

    /// What the API server said of an object.
    enum Answer: Equatable {
        case metadata(ObjectMetadata)
        case gone
        case forbidden
        case unserved
        /// No answer: it may be asked again at the next event.
        case failed
    }

    /// Kubernetes knows no bound; five is the deepest that is seen (a CR, a Deployment, a ReplicaSet, a Pod, a claim).
    static let mostLevels = 8

    /// Objects that an earlier walk has dealt with, and whose owners are known as well as can be.
    private let isSettled: (UUIDBits) -> Bool
    private var level: [ObjectReference]
    private var levels = 1
    private var questions: [Question] = []
    private var records: [UUIDBits: ObjectRecord] = [:]
    private var failed: Set<UUIDBits> = []
    /// In the order in which they came.
    private var order: [UUIDBits] = []

    /// - Parameter isSettled: whether nothing is to be done about an object; asked for owners only.
    init(_ objects: [ObjectReference], isSettled: @escaping (UUIDBits) -> Bool) {
        self.isSettled = isSettled
        var seen: Set<UUIDBits> = []
        level = objects.filter { seen.insert($0.uid).inserted }
    }

    /// The first step; nil if there is nothing to be walked.
    mutating func start() -> Action { level.isEmpty ? .record([]) : .resolve(level) }

    /// - Parameter resolutions: one for each of the objects, in their order. What could not be found out is left out: in
    ///   which namespace it lies, if in any, is not known.
    mutating func resolved(_ resolutions: [Resolution]) -> Action {
        questions = []
        for (object, resolution) in zip(level, resolutions) {
            switch resolution {
            case .resource(let resource):
                questions.append(
                    Question(object: object.placed(isNamespaced: resource.isNamespaced), resource: resource)
                )
            case .unowned(let isNamespaced):
                add(ObjectRecord(object.placed(isNamespaced: isNamespaced), .notAsked))
            case .none:
                add(ObjectRecord(object, .unserved))
            case .failed:
                failed.insert(object.uid)
            }
        }
        return questions.isEmpty ? climb() : .recall(questions.map(\.object))
    }

    /// - Parameter known: what the archive knows of them. What is known for good is not asked again, but written again:
    ///   so the archive sees that it is still in use.
    mutating func recalled(_ known: [UUIDBits: ObjectRecord]) -> Action {
        for question in questions {
            guard let record = known[question.object.uid], record.chain.isFinal else { continue }
            add(record)
        }
        questions = questions.filter { records[$0.object.uid] == nil }
        return questions.isEmpty ? climb() : .ask(questions)
    }

    /// - Parameter answers: one for each of the questions, in their order.
    mutating func answered(_ answers: [Answer]) -> Action {
        for (question, answer) in zip(questions, answers) {
            let object = question.object
            switch answer {
            case .metadata(let metadata): add(Self.record(of: object, metadata))
            case .gone: add(ObjectRecord(object, .gone))
            case .forbidden: add(ObjectRecord(object, .forbidden))
            case .unserved: add(ObjectRecord(object, .unserved))
            case .failed:
                failed.insert(object.uid)
                // Of an owner at least its name is known, from what it owns.
                if levels > 1 { add(ObjectRecord(object, .notAsked)) }
            }
        }
        return climb()
    }

    /// Never another object's owner: what has the name now must have the uid as well.
    private static func record(of object: ObjectReference, _ metadata: ObjectMetadata) -> ObjectRecord {
        guard UUIDBits(canonical: metadata.uid) == object.uid else { return ObjectRecord(object, .replaced) }
        guard let controller = metadata.controller, let uid = UUIDBits(canonical: controller.uid),
            ObjectReference.isName(controller.name), ObjectReference.isName(controller.kind)
        else { return ObjectRecord(object, .known) }
        let kind = ObjectKind(apiVersion: controller.apiVersion, kind: controller.kind)
        return ObjectRecord(object, .known, owner: ObjectRecord.Owner(uid: uid, kind: kind, name: controller.name))
    }

    private mutating func add(_ record: ObjectRecord) {
        if records.updateValue(record, forKey: record.object.uid) == nil { order.append(record.object.uid) }
    }

    /// To the owners of this level, those that were not met before.
    private mutating func climb() -> Action {
        var seen: Set<UUIDBits> = []
        let owners = level.compactMap { object -> ObjectReference? in
            guard let owner = records[object.uid]?.owner, records[owner.uid] == nil, !failed.contains(owner.uid),
                !isSettled(owner.uid), seen.insert(owner.uid).inserted
            else { return nil }
            return ObjectReference(uid: owner.uid, kind: owner.kind, namespace: object.namespace, name: owner.name)
        }
        guard !owners.isEmpty, levels < Self.mostLevels else {
            return .record(order.compactMap { records[$0] })
        }
        levels += 1
        level = owners
        return .resolve(owners)
    }

    /// For how long nothing is to be done about an object, now that the records are written: as long as for the owner
    /// in its chain about which the least is known. Nil: it may be asked for at its next event.
    func holds(_ uid: UUIDBits) -> Duration? {
        var holds = Self.whole
        var next: UUIDBits? = uid
        for _ in 0..<Self.mostLevels {
            guard let object = next else { break }
            if failed.contains(object) { return nil }
            // Settled by an earlier walk, or beyond the last level.
            guard let record = records[object] else { break }
            switch record.chain {
            case .notAsked, .gone, .replaced, .known: break
            case .forbidden, .unserved: holds = min(holds, Self.inPart)
            }
            next = record.owner?.uid
        }
        return holds
    }

    /// A day: then the archive is to see that the object is still in use.
    static let whole = Duration.seconds(86_400)
    /// Somebody may grant the right, or install the kind.
    static let inPart = Duration.seconds(600)
}

extension ObjectReference {
    /// With its own namespace, now that it is known whether it has one.
    fileprivate func placed(isNamespaced: Bool) -> ObjectReference {
        guard !isNamespaced else { return self }
        var object = self
        object.namespace = ""
        return object
    }
}
