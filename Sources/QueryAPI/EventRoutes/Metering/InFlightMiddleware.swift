internal import Hummingbird
internal import Synchronization

/// Refuses at once what would only wait: requests beyond a number whose answers are being made, and all while clients do
/// not take the answers that there are. Probes are not refused.
///
/// A request counts until its answer is made, or begins to stream: a client that reads slowly takes nobody's place.
struct InFlightMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let places: InFlightPlaces
    let isOverBudget: @Sendable () -> Bool

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard context.route?.isRateLimited ?? true else { return try await next(request, context) }
        guard !isOverBudget(), places.take() else { return Problem.tooBusy.response(to: request.method) }
        defer { places.leave() }
        return try await next(request, context)
    }
}

/// A bounded number of places.
final class InFlightPlaces: Sendable {
    private let bound: Int
    private let taken = Atomic(0)

    init(bound: Int) {
        self.bound = bound
    }

    func take() -> Bool {
        guard taken.add(1, ordering: .relaxed).newValue > bound else { return true }
        leave()
        return false
    }

    func leave() { taken.subtract(1, ordering: .relaxed) }

    var count: Int { taken.load(ordering: .relaxed) }
}

extension Problem {
    static let tooBusy = Problem(
        status: .serviceUnavailable,
        detail: "The service has as many requests under way as it takes at once. Try again.",
        retryAfter: 1
    )
}
