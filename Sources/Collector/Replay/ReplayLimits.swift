/// What reading a file may cost. All sizes in bytes.
public struct ReplayLimits: Sendable, Equatable {
    /// The longest single document, element of a list, or line. What is longer is rejected, and read past.
    public var document = 64 << 20
    /// The longest YAML document: it is parsed as one. What is longer is rejected, and read past.
    public var yamlDocument = 64 << 20
    /// What the anchors of a YAML document keep and its aliases bring in, together; beyond it the document is rejected.
    public var aliases = 16 << 20
    /// How much of a rejected item is handed on.
    public var excerpt = 1 << 20
    /// How long a file may be that begins with a bracket and then not like JSON, to be tried as YAML.
    public var flowYAML = 4 << 20
    /// How much of a file is looked at to tell JSON with something before it from YAML.
    public var head = 64 << 10
    /// How much is held back of a list whose items do not show what they are, until its kind comes behind them. What
    /// does not fit is rejected.
    public var undecided = 16 << 20
    /// How much is read at once.
    public var chunk = 256 << 10

    /// The limits above.
    public init() {}
}
