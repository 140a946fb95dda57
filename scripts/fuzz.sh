#!/usr/bin/env bash
# `make fuzz`: damaged documents for everything that reads what an API server sends. Nothing may crash, hang, grow
# without bounds, or come back otherwise than it was. What is damaged are answers of real API servers.
#
#   DOCUMENTS=1000000  how many
#   SEED=...           drawn if not given, and printed: the same seed gives the same documents
#   FIRST=0            the number of the first; with DOCUMENTS=1 one of them again
#   MEGABYTES=300      more resident memory than this is a failure
#   FOLDER=.           where a document that fails is put
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-dependencies.sh run
echo "Building for release (some minutes the first time on two cores, seconds later) ..." >&2
swift build -c release --product kee-fuzz >&2
program=$(swift build -c release --show-bin-path)/kee-fuzz

demo=$(mktemp "${TMPDIR:-/tmp}/kee-fuzz.XXXXXX")
trap 'rm -f "$demo"' EXIT
gzip -dc demo/events.ndjson.gz >"$demo"
"$program" Tests/TestSupport/Recordings/*/* "$demo"
