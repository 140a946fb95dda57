/// Why a program cannot work with the database as it is. Trying again does not help.
public enum SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The schema no longer serves programs as old as this one.
    case tooNew(installed: Int32, serves: Int32, known: Int32)
    /// The schema is not there, or older than this program needs, and migrating was not asked for.
    case missing(installed: Int32, wanted: Int32)
    /// The database's encoding is not UTF8.
    case encoding(String)
    /// PostgreSQL is older than 14, as `server_version_num`.
    case serverTooOld(Int32)
    /// A row of this dictionary was deleted while it was being used; dictionaries only ever grow.
    case dictionaryLostAnEntry(String)

    /// What is wrong, and the remedy.
    public var description: String {
        switch self {
        case .tooNew(let installed, let serves, let known):
            "the schema has version \(installed), which serves programs from version \(serves) on, and this program"
                + " knows version \(known): upgrade it"
        case .missing(let installed, let wanted):
            "the schema has version \(installed) and this program needs \(wanted): run `kee-collector migrate`"
        case .encoding(let name):
            "the database has the encoding \(name), and events need UTF8: create it with ENCODING 'UTF8' TEMPLATE template0"
        case .serverTooOld(let version):
            "the server is PostgreSQL \(version / 10_000), and 14 or newer is needed"
        case .dictionaryLostAnEntry(let table):
            "a row of kee.\(table) was deleted while it was being used: nothing may be deleted there"
        }
    }
}
