/// The beginning of an SQL text for an error message: one line, and without the literals in it, which may be secret.
func excerpt(of sql: String) -> String {
    let limit = 100
    var shown = ""
    var quoted = false
    for character in sql.joinedLines {
        if character == "'" {
            quoted.toggle()
            if quoted { shown += "'...'" }
        } else if !quoted {
            shown.append(character)
        }
        // A dollar quote may hold anything.
        if shown.hasSuffix("$$") { return shown + "..." }
        if shown.count >= limit { return shown + "..." }
    }
    return shown
}
