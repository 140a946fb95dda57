internal import JSON
internal import KubernetesAPI

/// The body of an answer: a page of a list, or a Status.
struct BodyCheck {
    let text: [UInt8]

    func run(_ random: inout SeededGenerator) throws {
        let retryAfter = NastyText.numbers[Int.random(in: 0..<NastyText.numbers.count, using: &random)]
        let status = KubernetesStatus(httpStatus: 500, retryAfter: retryAfter, body: text)
        guard status.code == 500, status.message.count <= 1000, !status.description.contains("\n") else {
            throw FuzzFailure(description: "a status is out of bounds: \(status)")
        }
        if let wait = status.retryAfter, !(.zero...Duration.seconds(UInt32.max) ~= wait) {
            throw FuzzFailure(description: "a server is left alone for \(wait)")
        }
        guard let page = try? EventPage(body: text) else { return }
        let items = try? JSONDocument(parsing: text).root["items"].map { Array($0.elements) }
        guard !page.resourceVersion.isEmpty, page.continueToken != "", page.items == items ?? [] else {
            throw FuzzFailure(description: "a page is not what its text says")
        }
    }
}
