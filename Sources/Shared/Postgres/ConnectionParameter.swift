/// One keyword of a libpq connection string with its value.
struct ConnectionParameter: Equatable {
    let keyword: String
    let value: String
    /// A password: never shown.
    let isSecret: Bool

    init(_ keyword: String, _ value: String, isSecret: Bool = false) {
        self.keyword = keyword
        self.value = value
        self.isSecret = isSecret
    }
}

extension [ConnectionParameter] {
    subscript(keyword: String) -> String? { last { $0.keyword == keyword }?.value }

    /// One list of parameters for each attempt to connect, in order.
    ///
    /// libpq tries several hosts by itself, but `PQconnectPoll` has no timeout for one host: a first host that swallows
    /// packets would use up the whole deadline. So each host is an attempt of its own here. `prefer-standby` means two
    /// rounds: first only standbys, then any server (as libpq itself does it).
    func splitByHost() -> [[ConnectionParameter]] {
        let lists = ["host", "hostaddr", "port"].map { keyword in
            self[keyword].map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
        }
        let hosts = Swift.max(lists[0].count, lists[1].count)
        // A list whose length fits no other is an error that libpq words itself.
        let fits = lists.enumerated().allSatisfy { index, list in
            list.isEmpty || list.count == hosts || (index == 2 && list.count == 1)
        }
        guard hosts > 1, fits else { return [self] }
        let common = filter { !["host", "hostaddr", "port"].contains($0.keyword) }
        let attempts = (0..<hosts).map { index in
            var parameters = common
            for (keyword, list) in zip(["host", "hostaddr", "port"], lists) where !list.isEmpty {
                parameters.append(ConnectionParameter(keyword, list.count == 1 ? list[0] : list[index]))
            }
            return parameters
        }
        guard self["target_session_attrs"] == "prefer-standby" else { return attempts }
        return ["standby", "any"].flatMap { wanted in
            attempts.map {
                $0.filter { $0.keyword != "target_session_attrs" } + [.init("target_session_attrs", wanted)]
            }
        }
    }
}
