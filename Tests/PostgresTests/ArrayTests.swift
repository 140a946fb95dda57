import Postgres
import Testing

@Suite struct ArrayTests {
    @Test func arraysWithNullsComeOutElementByElement() async throws {
        let connection = try await connect()
        var numbers = PostgresArray(of: .int4)
        var texts = PostgresArray(of: .text)
        var documents = PostgresArray(of: .jsonb)
        for row in 0..<4 {
            numbers.append(row == 1 ? nil : Int32(row))
            texts.append(row == 2 ? nil : "text \(row)")
            if row == 3 { documents.appendNull() } else { documents.append(jsonb: "{\"row\":\(row)}".utf8) }
        }
        var parameters = PostgresParameters()
        for array in [numbers, texts, documents] { parameters.append(array) }
        let statement = PostgresStatement(
            "SELECT n, t, d->>'row' FROM unnest($1, $2, $3) WITH ORDINALITY AS u(n, t, d, i) ORDER BY i",
            parameterTypes: [.int4.array, .text.array, .jsonb.array]
        )

        let result = try await connection.query(statement, parameters, deadline: soon)

        #expect(result.rowCount == 4)
        for row in 0..<4 {
            #expect((result.isNull(row, 0) ? nil : result.int32(row, 0)) == (row == 1 ? nil : Int32(row)))
            #expect((result.isNull(row, 1) ? nil : result.text(row, 1)) == (row == 2 ? nil : "text \(row)"))
            #expect((result.isNull(row, 2) ? nil : result.text(row, 2)) == (row == 3 ? nil : "\(row)"))
        }
        await connection.close()
    }

    @Test func everyElementTypeIsTakenByTheServer() async throws {
        let connection = try await connect()
        var arrays = [
            PostgresArray(of: .bool), PostgresArray(of: .int2), PostgresArray(of: .int8), PostgresArray(of: .float8),
            PostgresArray(of: .bytea), PostgresArray(of: .uuid), PostgresArray(of: .timestamptz),
            PostgresArray(of: .name), PostgresArray(of: .xid8),
        ]
        arrays[0].append(true)
        arrays[1].append(Int16(-3))
        arrays[2].append(Int64(1) << 40)
        arrays[3].append(0.5)
        arrays[4].append(bytea: [1, 2])
        arrays[5].append(uuid: (1, 2))
        arrays[6].append(timestampMicroseconds: 0)
        arrays[7].append("x")
        arrays[8].append(Int64(7))
        var parameters = PostgresParameters()
        for array in arrays { parameters.append(array) }
        let placeholders = (1...arrays.count).map { "$\($0)::text" }.joined(separator: " || ")
        let statement = PostgresStatement(
            "SELECT \(placeholders)",
            parameterTypes: arrays.map(\.elementType.array)
        )

        let result = try await connection.query(statement, parameters, deadline: soon)

        let expected =
            #"{t}{-3}{1099511627776}{0.5}{"\\x0102"}{00000000-0000-0001-0000-000000000002}"#
            + #"{"1970-01-01 00:00:00+00"}{x}{7}"#
        #expect(result.text(0, 0) == expected)
        await connection.close()
    }

    @Test func anEmptyArrayHasNoElements() async throws {
        let connection = try await connect()
        var parameters = PostgresParameters()
        parameters.append(PostgresArray(of: .text))
        let statement = PostgresStatement("SELECT cardinality($1)", parameterTypes: [.text.array])
        #expect(try await connection.query(statement, parameters, deadline: soon).int32(0, 0) == 0)
        await connection.close()
    }

    @Test func aThousandRowsGoInWithOneStatement() async throws {
        let connection = try await connect()
        try await connection.execute(
            "CREATE TABLE t (ts timestamptz, id int8, message text, PRIMARY KEY (ts, id))",
            deadline: soon
        )
        let insert = PostgresStatement(
            "INSERT INTO t SELECT * FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING",
            parameterTypes: [.timestamptz.array, .int8.array, .text.array]
        )
        var times = PostgresArray(of: .timestamptz)
        var ids = PostgresArray(of: .int8)
        var messages = PostgresArray(of: .text)
        for batch in 0..<3 {
            for row in 0..<1000 {
                times.append(timestampMicroseconds: 1_700_000_000_000_000 + Int64(row))
                ids.append(Int64(batch / 2))
                messages.append("message \(row) of a batch, with some text in it")
            }
            #expect(times.count == 1000)
            var parameters = PostgresParameters()
            for array in [times, ids, messages] { parameters.append(array) }
            let result = try await connection.query(insert, parameters, deadline: soon)
            // The second batch repeats the first.
            #expect(result.affectedRows == (batch == 1 ? 0 : 1000))
            times.removeAll(keepingCapacity: true)
            ids.removeAll(keepingCapacity: true)
            messages.removeAll(keepingCapacity: true)
        }
        let sums = try await connection.rows(
            "SELECT count(*), count(DISTINCT message), min(ts), max(ts) FROM t WHERE id = 1"
        )
        #expect(sums.int64(0, 0) == 1000)
        #expect(sums.int64(0, 1) == 1000)
        #expect(sums.timestampMicroseconds(0, 2) == 1_700_000_000_000_000)
        #expect(sums.timestampMicroseconds(0, 3) == 1_700_000_000_000_999)
        await connection.close()
    }

    @Test func aMegabyteFillsTheSocketAndStillGoesThrough() async throws {
        let connection = try await connect()
        let text = String(repeating: "0123456789abcdef", count: 1 << 20)
        var parameters = PostgresParameters()
        parameters.append(text)
        let statement = PostgresStatement("SELECT $1 || 'x'", parameterTypes: [.text])
        #expect(try await connection.query(statement, parameters, deadline: soon).text(0, 0) == text + "x")
        await connection.close()
    }
}
