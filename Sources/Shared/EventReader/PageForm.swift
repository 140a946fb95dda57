/// How the events of a page are written.
public enum PageForm: Sendable, Equatable {
    /// JSON, with a comma between two events.
    case json
    /// JSON, each event on a line of its own.
    case lines
    /// The columns of the view `kee.event_log`, comma-separated; see `csvHeader`.
    case csv

    /// The first line of CSV: the names of the columns. Source of the form: RFC 4180.
    public static let csvHeader: StaticString =
        "time,cluster,namespace,kind,name,type,reason,message,count,component,host,uid\r\n"
}
