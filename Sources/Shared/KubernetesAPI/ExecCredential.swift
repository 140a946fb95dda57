internal import EventModel
internal import FoundationEssentials
internal import JSON

/// What an exec plugin has handed out: a token, a client certificate with its key, or both. Never logged.
struct ExecCredential: Sendable, Equatable {
    var token: String?
    /// The client's certificate and its key, in PEM.
    var certificate: ClientCertificate?
    /// `expirationTimestamp`; nil if it is good until it is refused.
    var expiration: MicroTime?
}

extension ExecCredential {
    struct Malformed: Error { let reason: String }

    /// Reads what a plugin has written to its standard output. No message repeats any of it.
    init(output: [UInt8], apiVersion: ExecPlugin.APIVersion) throws(Malformed) {
        guard let root = try? JSONDocument(parsing: output).root, root.kind == .object else {
            throw Malformed(reason: "what it wrote to its standard output is no JSON object")
        }
        guard root["kind"]?.string == "ExecCredential" else {
            throw Malformed(reason: "what it wrote is no ExecCredential")
        }
        let version = root["apiVersion"]?.string
        guard version == apiVersion.rawValue else {
            let isKnown = version.flatMap { ExecPlugin.APIVersion(rawValue: $0) } != nil
            throw Malformed(
                reason: "it answered in \(isKnown ? version ?? "" : "another apiVersion"), "
                    + "but the kubeconfig says \(apiVersion.rawValue)"
            )
        }
        guard let status = root["status"], status.kind == .object else {
            throw Malformed(reason: "the ExecCredential that it wrote has no status")
        }
        func text(_ key: String) throws(Malformed) -> String? {
            guard let value = status[key], !value.isNull else { return nil }
            guard let text = value.string else { throw Malformed(reason: "status.\(key) is no text") }
            return text.isEmpty ? nil : text
        }
        token = try text("token")
        if let token, !token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
            throw Malformed(reason: "status.token holds characters that no token has")
        }
        switch (try text("clientCertificateData"), try text("clientKeyData")) {
        case (let certificate?, let key?):
            guard certificate.contains("-----BEGIN "), key.contains("-----BEGIN ") else {
                throw Malformed(reason: "status.clientCertificateData or status.clientKeyData is no PEM")
            }
            self.certificate = ClientCertificate(certificate: Array(certificate.utf8), key: Array(key.utf8))
        case (nil, nil): certificate = nil
        case (_?, nil), (nil, _?):
            throw Malformed(reason: "only one of status.clientCertificateData and status.clientKeyData is there")
        }
        guard token != nil || certificate != nil else {
            throw Malformed(reason: "its status has neither a token nor a client certificate")
        }
        if let text = try text("expirationTimestamp") {
            guard let time = Timestamp(text) else { throw Malformed(reason: "status.expirationTimestamp is no time") }
            expiration = MicroTime(microseconds: time.microseconds)
        }
    }
}

extension ExecPlugin {
    /// The value of `KUBERNETES_EXEC_INFO`: an ExecCredential with a `spec`.
    ///
    /// - Parameter authority: the PEM text of the cluster's authority, if it has one.
    func information(authority: [UInt8]?) -> String {
        var output = JSONOutput()
        output.write("{\"kind\":\"ExecCredential\",\"apiVersion\":")
        output.write(string: apiVersion.rawValue)
        output.write(",\"spec\":{\"interactive\":false")
        if let cluster {
            output.write(",\"cluster\":{\"server\":")
            output.write(string: cluster.server)
            if let name = cluster.tlsServerName {
                output.write(",\"tls-server-name\":")
                output.write(string: name)
            }
            if cluster.skipsTLSVerify { output.write(",\"insecure-skip-tls-verify\":true") }
            if let authority {
                output.write(",\"certificate-authority-data\":")
                output.write(string: Data(authority).base64EncodedString())
            }
            if let proxy = cluster.proxyURL {
                output.write(",\"proxy-url\":")
                output.write(string: proxy)
            }
            if let config = cluster.config {
                output.write(",\"config\":")
                output.write(config)
            }
            output.write("}")
        }
        output.write("}}")
        return output.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
