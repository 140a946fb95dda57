import Postgres
import Testing

/// What goes in as a binary parameter comes out as a binary result.
@Suite struct ValueTests {
    @Test func everyTypeComesBackAsItWent() async throws {
        let connection = try await connect()
        let statement = PostgresStatement(
            "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12",
            parameterTypes: [
                .int2, .int4, .int8, .bool, .float8, .text, .text, .bytea, .jsonb, .uuid, .timestamptz, .name,
            ]
        )
        var parameters = PostgresParameters()
        parameters.append(Int16.min)
        parameters.append(Int32.max)
        parameters.append(Int64.min)
        parameters.append(true)
        parameters.append(-0.1)
        parameters.append("Grüße, 世界 🚀\r\n\u{1}")
        parameters.append(text: Array("slice".utf8)[...])
        parameters.append(bytea: [0, 255, 0, 1])
        parameters.append(jsonb: #"{"a": [1, null]}"#.utf8)
        parameters.append(uuid: (0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210))
        parameters.append(timestampMicroseconds: 1_700_000_000_123_456)
        parameters.append("a name")

        let result = try await connection.query(statement, parameters, deadline: soon)

        #expect(result.rowCount == 1)
        #expect(result.columnCount == 12)
        #expect(result.int16(0, 0) == .min)
        #expect(result.int32(0, 1) == .max)
        #expect(result.int64(0, 2) == .min)
        #expect(result.bool(0, 3))
        #expect(result.double(0, 4) == -0.1)
        #expect(result.text(0, 5) == "Grüße, 世界 🚀\r\n\u{1}")
        #expect(result.text(0, 6) == "slice")
        #expect(result.withBytes(0, 7) { Array($0) } == [0, 255, 0, 1])
        #expect(result.withJSONB(0, 8) { String(decoding: $0, as: UTF8.self) } == #"{"a": [1, null]}"#)
        #expect(result.uuid(0, 9) == (0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210))
        #expect(result.timestampMicroseconds(0, 10) == 1_700_000_000_123_456)
        #expect(result.text(0, 11) == "a name")
        await connection.close()
    }

    @Test func theServerUnderstandsThemAsWeDo() async throws {
        let connection = try await connect()
        let statement = PostgresStatement(
            "SELECT $1::timestamptz::text, $2::uuid::text, $3::int4::text, $4::float8::text, $5::jsonb::text, $6::xid8::text",
            parameterTypes: [.timestamptz, .uuid, .int4, .float8, .jsonb, .xid8]
        )
        var parameters = PostgresParameters()
        parameters.append(timestampMicroseconds: -1)
        parameters.append(uuid: (0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210))
        parameters.append(Int32(-7))
        parameters.append(2.5)
        parameters.append(jsonb: "[ 1 ]".utf8)
        parameters.append(Int64(12))

        let result = try await connection.query(statement, parameters, deadline: soon)

        #expect(result.text(0, 0) == "1969-12-31 23:59:59.999999+00")
        #expect(result.text(0, 1) == "01234567-89ab-cdef-fedc-ba9876543210")
        #expect(result.text(0, 2) == "-7")
        #expect(result.text(0, 3) == "2.5")
        #expect(result.text(0, 4) == "[1]")
        #expect(result.text(0, 5) == "12")
        await connection.close()
    }

    @Test func nullsAndEmptyValuesAreToldApart() async throws {
        let connection = try await connect()
        let statement = PostgresStatement("SELECT $1, $2, $3, $4", parameterTypes: [.text, .text, .int8, .bytea])
        var parameters = PostgresParameters()
        parameters.append(nil as String?)
        parameters.append("")
        parameters.append(nil as Int64?)
        parameters.append(bytea: [])

        let result = try await connection.query(statement, parameters, deadline: soon)

        #expect((0..<4).map { result.isNull(0, $0) } == [true, false, true, false])
        #expect(result.text(0, 1) == "")
        #expect(result.withBytes(0, 3) { $0.count } == 0)
        await connection.close()
    }

    @Test func aNarrowIntegerReadsAsAWiderOne() async throws {
        let connection = try await connect()
        let result = try await connection.rows("SELECT -2::int2, -4::int4, -8::int8")
        #expect((0..<3).map { result.int64(0, $0) } == [-2, -4, -8])
        #expect((0..<2).map { result.int32(0, $0) } == [-2, -4])
        await connection.close()
    }

    @Test func theOIDsAreTheServers() async throws {
        let connection = try await connect()
        let types: [(String, PostgresType)] = [
            ("bool", .bool), ("bytea", .bytea), ("name", .name), ("int8", .int8), ("int2", .int2), ("int4", .int4),
            ("text", .text), ("float8", .float8), ("timestamptz", .timestamptz), ("uuid", .uuid), ("jsonb", .jsonb),
            ("xid8", .xid8),
        ]
        for (name, type) in types {
            let result = try await connection.rows(
                "SELECT oid::int8, typarray::int8 FROM pg_type WHERE typname = '\(name)'"
            )
            #expect(result.int64(0, 0) == Int64(type.oid), "\(name)")
            #expect(result.int64(0, 1) == Int64(type.arrayOID), "\(name)[]")
        }
        await connection.close()
    }

    @Test func columnsHaveNamesAndTypes() async throws {
        let connection = try await connect()
        let result = try await connection.rows("SELECT 1::int8 AS first, 'x'::text AS \"zweite Spalte\"")
        #expect(result.columnName(0) == "first")
        #expect(result.columnName(1) == "zweite Spalte")
        #expect(result.columnType(0) == PostgresType.int8.oid)
        #expect(result.commandTag == "SELECT 1")
        await connection.close()
    }

    @Test func buildersAreUsedAgain() async throws {
        let connection = try await connect()
        let statement = PostgresStatement("SELECT $1::int4 + $2::int4", parameterTypes: [.int4, .int4])
        var parameters = PostgresParameters()
        for number in Int32(1)...3 {
            parameters.append(number)
            parameters.append(number)
            let result = try await connection.query(statement, parameters, deadline: soon)
            #expect(result.int32(0, 0) == 2 * number)
            parameters.removeAll(keepingCapacity: true)
            #expect(parameters.count == 0)
        }
        await connection.close()
    }
}
