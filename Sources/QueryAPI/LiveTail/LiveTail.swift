/// Follows what is committed.
enum LiveTail {}
