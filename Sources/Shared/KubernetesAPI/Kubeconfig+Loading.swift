extension Kubeconfig {
    /// The files that kubectl would read: all of `KUBECONFIG`, each once, or `~/.kube/config`; none without a home
    /// folder.
    public static func defaultPaths(environment: [String: String]) -> [String] {
        var paths: [String] = []
        for path in (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        where !paths.contains(path) {
            paths.append(path)
        }
        if !paths.isEmpty { return paths }
        guard let home = environment["HOME"], !home.isEmpty else { return [] }
        return [home + "/.kube/config"]
    }

    /// Reads a kubeconfig, off the cooperative pool.
    ///
    /// - Throws: `KubeconfigError` if the file cannot be read or is no kubeconfig.
    public static func load(path: String) async throws(KubeconfigError) -> Kubeconfig {
        do {
            return try Kubeconfig(parsing: try await text(of: path), path: path)
        } catch let failure as SmallFile.Failure {
            throw KubeconfigError(path: path, line: nil, problem: failure.problem)
        } catch let error as KubeconfigError {
            throw error
        } catch {
            throw KubeconfigError(path: path, line: nil, problem: "it cannot be read")
        }
    }

    /// Reads several kubeconfigs and merges them as kubectl does. Of several, those that are not there are passed over,
    /// and so are empty ones, as long as one is left.
    ///
    /// - Parameter paths: at least one.
    /// - Throws: `KubeconfigError` that names the file which cannot be read or is no kubeconfig, or the first one if
    ///   there is none.
    public static func load(paths: [String]) async throws(KubeconfigError) -> Kubeconfig {
        guard let first = paths.first else {
            throw KubeconfigError(path: "(none)", line: nil, problem: "no file is named")
        }
        if paths.count == 1 { return try await load(path: first) }
        var merged: Kubeconfig?
        for path in paths {
            let text: String
            do {
                text = try await Self.text(of: path)
            } catch {
                if error.isMissing { continue }
                throw KubeconfigError(path: path, line: nil, problem: error.problem)
            }
            if text.trimmingASCIIWhitespace().isEmpty { continue }
            let kubeconfig = try Kubeconfig(parsing: text, path: path)
            if merged == nil { merged = kubeconfig } else { merged?.merge(kubeconfig) }
        }
        guard let merged else {
            throw KubeconfigError(
                path: first,
                line: nil,
                problem: "it is missing or empty, and so are all others that KUBECONFIG names"
            )
        }
        return merged
    }

    private static func text(of path: String) async throws(SmallFile.Failure) -> String {
        String(decoding: try await SmallFile(path: path).read(), as: UTF8.self)
    }
}
