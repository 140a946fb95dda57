/// A type of PostgreSQL, by its OID; those of the built-in types never change (`pg_type.dat`).
public struct PostgresType: Sendable, Hashable {
    /// The OID of the type itself.
    public let oid: UInt32
    /// The OID of the array of it; of an array type, itself.
    public let arrayOID: UInt32

    /// A type that is not among the constants; both OIDs as in `pg_type`.
    public init(oid: UInt32, arrayOID: UInt32) {
        self.oid = oid
        self.arrayOID = arrayOID
    }

    /// The array of this type.
    public var array: PostgresType { PostgresType(oid: arrayOID, arrayOID: arrayOID) }

    /// `boolean`
    public static let bool = PostgresType(oid: 16, arrayOID: 1000)
    /// `bytea`
    public static let bytea = PostgresType(oid: 17, arrayOID: 1001)
    /// `name`
    public static let name = PostgresType(oid: 19, arrayOID: 1003)
    /// `bigint`
    public static let int8 = PostgresType(oid: 20, arrayOID: 1016)
    /// `smallint`
    public static let int2 = PostgresType(oid: 21, arrayOID: 1005)
    /// `integer`
    public static let int4 = PostgresType(oid: 23, arrayOID: 1007)
    /// `text`
    public static let text = PostgresType(oid: 25, arrayOID: 1009)
    /// `double precision`
    public static let float8 = PostgresType(oid: 701, arrayOID: 1022)
    /// `timestamp with time zone`
    public static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185)
    /// `uuid`
    public static let uuid = PostgresType(oid: 2950, arrayOID: 2951)
    /// `jsonb`
    public static let jsonb = PostgresType(oid: 3802, arrayOID: 3807)
    /// `xid8`
    public static let xid8 = PostgresType(oid: 5069, arrayOID: 271)
}
