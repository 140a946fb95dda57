#!/usr/bin/env bash
# `make clean-data`: removes what `make run` and the tests keep below .kee, the embedded PostgreSQL's data included.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -d .kee ]]; then exit 0; fi
if command -v flock >/dev/null && [[ -e .kee/run.lock ]] && ! flock -n .kee/run.lock true; then
    echo "error: KEE runs from this checkout; stop it first (Ctrl-C, or: kill $(<.kee/run.pid))." >&2
    exit 1
fi
data=$(scripts/embedded-postgres.sh home)
scripts/embedded-postgres.sh stop
rm -rf "$data" .kee
echo "Removed .kee and $data."
