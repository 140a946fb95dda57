import Foundation
public import JSON
import NIOCore
import NIOSSL

extension FakeAPIServer {
    /// The leases of coordination.k8s.io/v1, with the rules that the recorded servers have: 404, 409 of both kinds,
    /// 422 for an update without a resourceVersion, 400 for a MicroTime without six digits.
    public struct Leases: Sendable {
        /// A lease as it lies in the store.
        public struct Object: Sendable, Equatable {
            /// `metadata.resourceVersion`.
            public var version: Int
            /// JSON text of `metadata.labels`.
            public var labels = "{}"
            /// JSON text of the spec, as a client has sent it.
            public var spec: String
            let uid: String

            /// A member of the spec.
            public subscript(_ key: String) -> JSONValue? { try? JSONDocument(parsing: Array(spec.utf8)).root[key] }

            /// `spec.holderIdentity`.
            public var holder: String? { self["holderIdentity"]?.string }
        }

        /// By `namespace/name`.
        public internal(set) var objects: [String: Object] = [:]
        /// Each holder that the lease was written with, in order, whatever its name.
        public private(set) var holders: [String] = []
        private var version = 1816

        mutating func answer(_ request: Request) -> Answer {
            let parts = request.path.split(separator: "/").map(String.init)
            guard parts.count >= 6, parts[5] == "leases" else { return .recorded("http-404-resource") }
            let namespace = parts[4]
            switch (request.method, parts.count) {
            case ("GET", 7):
                let key = namespace + "/" + parts[6]
                guard let object = objects[key] else { return recorded("lease-404", "nope", parts[6]) }
                return success("200 OK", object, namespace, parts[6])
            case ("POST", 6), ("PUT", 7):
                return write(request, namespace, parts.count == 7 ? parts[6] : nil)
            default:
                return .recorded("http-404-resource")
            }
        }

        private mutating func write(_ request: Request, _ namespace: String, _ named: String?) -> Answer {
            guard let root = try? JSONDocument(parsing: request.body).root, let spec = root["spec"],
                let name = root["metadata"]?["name"]?.string, named == nil || named == name
            else { return .recorded("http-404-resource") }
            for key in ["acquireTime", "renewTime"] {
                guard let time = spec[key]?.string, !time.contains(/\.\d{6}Z$/) else { continue }
                return .recorded("lease-bad-time-400")
            }
            let key = namespace + "/" + name
            if named == nil {
                guard objects[key] == nil else { return recorded("lease-create-409-exists", "collector", name) }
            } else {
                guard let old = objects[key] else { return recorded("lease-404", "nope", name) }
                guard let version = root["metadata"]?["resourceVersion"]?.string else {
                    return recorded("lease-update-no-rv", "collector", name)
                }
                guard version == String(old.version) else {
                    return recorded("lease-update-409-conflict", "collector", name)
                }
            }
            version += 1
            let labels = root["metadata"]?["labels"].map { String(decoding: $0.jsonBytes, as: UTF8.self) }
            let object = Object(
                version: version,
                labels: labels ?? "{}",
                spec: String(decoding: spec.jsonBytes, as: UTF8.self),
                uid: objects[key]?.uid ?? UUID().uuidString.lowercased()
            )
            objects[key] = object
            holders.append(object.holder ?? "")
            return success(named == nil ? "201 Created" : "200 OK", object, namespace, name)
        }

        mutating func change(_ key: String, _ change: (inout Object) -> Void) {
            guard var object = objects[key] else { return }
            change(&object)
            version += 1
            object.version = version
            objects[key] = object
        }

        private func success(_ status: String, _ object: Object, _ namespace: String, _ name: String) -> Answer {
            let body =
                "{\"kind\":\"Lease\",\"apiVersion\":\"coordination.k8s.io/v1\",\"metadata\":{\"name\":\"\(name)\","
                + "\"namespace\":\"\(namespace)\",\"uid\":\"\(object.uid)\",\"resourceVersion\":\"\(object.version)\","
                + "\"creationTimestamp\":\"2026-11-21T02:12:50Z\",\"labels\":\(object.labels),\"managedFields\":[{"
                + "\"manager\":\"unknown\",\"operation\":\"Update\",\"apiVersion\":\"coordination.k8s.io/v1\","
                + "\"time\":\"2026-11-21T02:12:50Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:spec\":{}}}]},"
                + "\"spec\":\(object.spec)}\n"
            return .bytes(Answer.whole(status, body))
        }

        /// A recorded refusal, of this lease.
        private func recorded(_ name: String, _ recordedName: String, _ lease: String) -> Answer {
            guard let answer = try? Recordings.answer(name) else { return .close }
            let status = String(decoding: answer.dropFirst("HTTP/1.1 ".utf8.count).prefix { $0 != 13 }, as: UTF8.self)
            let body = String(decoding: Recordings.body(of: answer), as: UTF8.self)
                .replacingOccurrences(of: "\\\"\(recordedName)\\\"", with: "\\\"\(lease)\\\"")
                .replacingOccurrences(of: "\"name\":\"\(recordedName)\"", with: "\"name\":\"\(lease)\"")
            return .bytes(Answer.whole(status, body))
        }
    }

    /// The leases now.
    public var leases: Leases { state.read(\.leases) }

    /// Waits until the leases are as wanted.
    public func waitForLeases(until isWanted: @escaping @Sendable (Leases) -> Bool) async throws {
        try await state.wait { isWanted($0.leases) }
    }

    /// Changes a lease as somebody else would; its version counts up.
    public func changeLease(_ key: String, _ change: (inout Leases.Object) -> Void) {
        state.change { $0.leases.change(key, change) }
    }

    /// Deletes a lease.
    public func deleteLease(_ key: String) {
        state.change { $0.leases.objects[key] = nil }
    }

    /// The uid of the namespace kube-system.
    public static let kubeSystemUID = "1f0c5b41-8c3e-4d0e-9a57-2f6f0d1b7e55"

    /// What the client's certificate says on this connection.
    static func clientName(_ pipeline: ChannelPipeline) -> String? {
        let handler = try? pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        return handler?.peerCertificate.map { String(describing: $0) }
    }
}

extension FakeAPIServer.Answer {
    /// An answer with `Content-Length`.
    static func whole(_ status: String, _ body: String) -> [UInt8] {
        Array(
            head(["Content-Length: \(body.utf8.count)"])
                .replacingOccurrences(of: "HTTP/1.1 200 OK", with: "HTTP/1.1 \(status)").utf8
        ) + Array(body.utf8)
    }

    /// The namespace kube-system.
    static let kubeSystem = whole(
        "200 OK",
        "{\"kind\":\"Namespace\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"kube-system\","
            + "\"uid\":\"\(FakeAPIServer.kubeSystemUID)\",\"resourceVersion\":\"4\","
            + "\"creationTimestamp\":\"2026-11-21T02:06:41Z\",\"labels\":{\"kubernetes.io/metadata.name\":"
            + "\"kube-system\"}},\"spec\":{\"finalizers\":[\"kubernetes\"]},\"status\":{\"phase\":\"Active\"}}\n"
    )
}

extension FakeAPIServer {
    /// Connections that were ever accepted.
    public var acceptedConnections: Int { state.read(\.accepted) }
}
