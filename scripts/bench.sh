#!/usr/bin/env bash
# `make bench`: the benchmarks. Arguments go to them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -e Benchmarks/Package.swift ]]; then
    echo "error: there are no benchmarks yet." >&2
    exit 1
fi
scripts/install-dependencies.sh test
echo "Building the benchmarks for release (about 5 minutes the first time on two cores, seconds later) ..."
swift build -c release --package-path Benchmarks
exec swift run -c release --skip-build --package-path Benchmarks "$@"
