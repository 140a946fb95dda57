internal import Yams

extension AccessPolicy {
    /// Reads `rules:` out of YAML.
    ///
    /// - Parameter reviewed: the clusters that are asked themselves; what their own users may see there is theirs to say.
    /// - Throws: `AccessFileError` with the line of what is wrong.
    init(parsing bytes: [UInt8], path: String, reviewed: Set<String>) throws(AccessFileError) {
        let root: Node?
        do {
            root = try compose(yaml: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw AccessFileError(path: path, line: nil, problem: "this is no YAML")
        }
        guard let root else { return }
        let reader = Reader(path: path, reviewed: reviewed)
        for (key, value) in try reader.members(root, "the file") {
            guard key == "rules" else { throw reader.error(root, "there is no '\(key)' here: give 'rules'") }
            guard let list = value.sequence else { throw reader.error(value, "'rules' must be a list") }
            for node in list { rules.append(try reader.rule(node)) }
        }
    }

    private struct Reader {
        let path: String
        let reviewed: Set<String>

        func error(_ node: Node, _ problem: String) -> AccessFileError {
            AccessFileError(path: path, line: node.mark?.line, problem: problem)
        }

        func members(_ node: Node, _ what: String) throws(AccessFileError) -> [(String, Node)] {
            guard let mapping = node.mapping else { throw error(node, "\(what) must be keys with values") }
            var members: [(String, Node)] = []
            for (key, value) in mapping {
                guard let name = key.scalar?.string else { throw error(key, "a key must be a word") }
                members.append((name, value))
            }
            return members
        }

        func rule(_ node: Node) throws(AccessFileError) -> Rule {
            var source: Source?
            var rule = Rule(source: .oidc, grants: Grants())
            for (key, value) in try members(node, "a rule") {
                switch key {
                case "from": source = try self.source(value)
                case "users": rule.users = Set(try texts(value, key))
                case "groups": rule.groups = Set(try texts(value, key))
                case "everyone":
                    guard let word = value.scalar?.string, word == "true" || word == "false" else {
                        throw error(value, "'everyone' must be true or false")
                    }
                    rule.isForEveryone = word == "true"
                case "grants":
                    let texts = try texts(value, key)
                    do throws(AccessFileError.Reason) {
                        rule.grants = try Grants(parsing: texts)
                    } catch {
                        throw self.error(value, error.text)
                    }
                default:
                    throw error(value, "there is no '\(key)' in a rule: give from, users, groups, everyone and grants")
                }
            }
            guard let source else { throw error(node, "a rule needs 'from': oidc, or kubernetes/<cluster>") }
            rule.source = source
            guard rule.isForEveryone || !rule.users.isEmpty || !rule.groups.isEmpty else {
                throw error(node, "a rule is for nobody: give users, groups, or 'everyone: true'")
            }
            guard rule.grants != Grants() else { throw error(node, "a rule grants nothing: give 'grants'") }
            try check(rule, node)
            return rule
        }

        /// What may be seen of a cluster that is there is for that cluster to say.
        private func check(_ rule: Rule, _ node: Node) throws(AccessFileError) {
            guard case .cluster(let voucher) = rule.source else { return }
            guard reviewed.contains(voucher) else {
                throw error(node, "the rule takes the word of '\(voucher)', which has no --review-kubeconfig")
            }
            guard let granted = rule.grants.clusters else {
                throw error(node, "a rule from a cluster names the clusters that are gone, and not '*'")
            }
            if let living = granted.intersection(reviewed).sorted().first {
                throw error(
                    node,
                    "'\(living)' has a --review-kubeconfig, so it is asked itself; rules from a cluster are for those "
                        + "that are gone"
                )
            }
        }

        private func source(_ node: Node) throws(AccessFileError) -> Source {
            let text = node.scalar?.string ?? ""
            if text == "oidc" { return .oidc }
            if text.hasPrefix("kubernetes/"), text.utf8.count > 11 { return .cluster(String(text.dropFirst(11))) }
            throw error(node, "'from' must be oidc, or kubernetes/<cluster>")
        }

        private func texts(_ node: Node, _ key: String) throws(AccessFileError) -> [String] {
            guard let list = node.sequence else { throw error(node, "'\(key)' must be a list") }
            var texts: [String] = []
            for item in list {
                guard let text = item.scalar?.string, !text.isEmpty else {
                    throw error(item, "'\(key)' must be a list of words")
                }
                texts.append(text)
            }
            return texts
        }
    }
}
