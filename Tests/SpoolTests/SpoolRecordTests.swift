import Testing

@Suite("The spool") struct SpoolRecordTests {}
