import EventSchema
import KubernetesAPI
import Logging
import Metrics
import Synchronization

/// Asks the API server the questions of a walk: few at once, so many a second, and nothing that was forbidden lately.
final class OwnerAsking: Sendable {
    private struct State {
        var catalog = ResourceCatalog()
        var forbidden = ForbiddenResources()
        var pace: RequestPace
    }

    private let source: any MetadataSource
    private let limits: OwnerLimits
    private let metrics: OwnerMetrics
    private let logger: Logger
    private let state: Mutex<State>

    init(source: any MetadataSource, limits: OwnerLimits, metrics: OwnerMetrics, logger: Logger) {
        self.source = source
        self.limits = limits
        self.metrics = metrics
        self.logger = logger
        let pace = RequestPace(perSecond: limits.requestsPerSecond, burst: limits.concurrency)
        state = Mutex(State(pace: pace))
    }

    /// Which resource each object is; a discovery that is not known yet is read, once for all that want it.
    func resolve(_ objects: [ObjectReference]) async -> [OwnerWalk.Resolution] {
        var resolutions: [OwnerWalk.Resolution] = []
        var failed: Set<String> = []
        for object in objects {
            let version = object.kind.apiVersion
            switch meaning(of: object.kind) {
            case .resource(let resource): resolutions.append(.resource(resource))
            case .unowned(let isNamespaced): resolutions.append(.unowned(isNamespaced: isNamespaced))
            case .none: resolutions.append(.none)
            case .unread(let group, let name):
                guard !failed.contains(version), await discover(group: group, version: name) else {
                    failed.insert(version)
                    resolutions.append(.failed)
                    continue
                }
                guard case .resource(let resource) = meaning(of: object.kind) else {
                    resolutions.append(.none)
                    continue
                }
                resolutions.append(.resource(resource))
            }
        }
        return resolutions
    }

    private func meaning(of kind: ObjectKind) -> ResourceCatalog.Meaning {
        state.withLock { $0.catalog.meaning(of: kind, at: .now) }
    }

    /// - Returns: whether the catalog knows now.
    private func discover(group: String, version: String) async -> Bool {
        do throws(KubernetesAPIError) {
            let resources = try await request { () async throws(KubernetesAPIError) -> [APIResource] in
                try await self.source.resources(group: group, version: version, timeout: self.limits.timeout)
            }
            state.withLock { $0.catalog.read(resources, group: group, version: version, at: .now) }
            return true
        } catch {
            tell(error)
            return false
        }
    }

    /// The answers, in the order of the questions.
    func answers(to questions: [OwnerWalk.Question]) async -> [OwnerWalk.Answer] {
        await withTaskGroup(of: (Int, OwnerWalk.Answer).self) { group in
            var answers = Array(repeating: OwnerWalk.Answer.failed, count: questions.count)
            var next = 0
            func addTask(to group: inout TaskGroup<(Int, OwnerWalk.Answer)>) {
                guard next < questions.count else { return }
                let (index, question) = (next, questions[next])
                group.addTask { (index, await self.answer(to: question)) }
                next += 1
            }
            for _ in 0..<limits.concurrency { addTask(to: &group) }
            while let (index, answer) = await group.next() {
                answers[index] = answer
                addTask(to: &group)
            }
            return answers
        }
    }

    private func answer(to question: OwnerWalk.Question) async -> OwnerWalk.Answer {
        let (resource, object) = (question.resource, question.object)
        let isForbidden = state.withLock { $0.forbidden.isForbidden(resource, in: object.namespace, at: .now) }
        if isForbidden { return .forbidden }
        do throws(KubernetesAPIError) {
            let metadata = try await request { () async throws(KubernetesAPIError) -> ObjectMetadata in
                try await self.source.metadata(
                    of: resource,
                    namespace: object.namespace,
                    name: object.name,
                    timeout: self.limits.timeout
                )
            }
            state.withLock { $0.forbidden.allowed(resource, in: object.namespace) }
            return .metadata(metadata)
        } catch {
            if error.isNotServed { return .unserved }
            if error.isNotFound { return .gone }
            if error.isForbidden { return refused(question) }
            tell(error)
            return .failed
        }
    }

    private func refused(_ question: OwnerWalk.Question) -> OwnerWalk.Answer {
        let verdict = state.withLock {
            $0.forbidden.refused(question.resource, in: question.object.namespace, at: .now)
        }
        switch verdict {
        case .doubtful: return .failed
        case .forbidden(let isNews):
            if isNews {
                let resource = question.resource
                logger.notice(
                    """
                    The owners of some objects are not recorded: this collector may not read them. Add the rule to its \
                    role, or give --owners off
                    """,
                    metadata: [
                        "rule": """
                        {apiGroups: ["\(resource.group)"], resources: ["\(resource.name)"], verbs: ["get"]}
                        """
                    ]
                )
            }
            return .forbidden
        }
    }

    /// Waits for its turn, asks, and lets the next wait longer when there was no answer.
    private func request<Value: Sendable>(
        _ body: () async throws(KubernetesAPIError) -> Value
    ) async throws(KubernetesAPIError) -> Value {
        let wait = state.withLock { $0.pace.turn(at: .now) }
        // A cancellation ends the request that follows, too.
        if wait > .zero { try? await Task.sleep(for: wait) }
        let start = ContinuousClock.now
        do throws(KubernetesAPIError) {
            let value = try await body()
            metrics.timer.record(duration: ContinuousClock.now - start)
            state.withLock { $0.pace.succeeded() }
            return value
        } catch {
            metrics.timer.record(duration: ContinuousClock.now - start)
            if error.isTransient {
                let retryAfter = error.status?.retryAfter
                state.withLock { $0.pace.failed(at: .now, retryAfter: retryAfter) }
            } else {
                state.withLock { $0.pace.succeeded() }
            }
            throw error
        }
    }

    private func tell(_ error: KubernetesAPIError) {
        guard !error.isCancelled else { return }
        metrics.requestFailed()
        logger.debug("An owner could not be asked for", metadata: ["error": "\(error)"])
    }
}
