#!/usr/bin/env bash
# `make test`: every test. Arguments go to `swift test`, such as --filter PostgresTests.
#
# The tests start a PostgreSQL of their own, in a private folder on a free port, and use nothing of `make run`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-dependencies.sh test
# promtool, where it is not installed.
export PATH=$PATH:$PWD/.kee/tools/usr/bin

echo "Building the tests (about 3 minutes the first time on two cores, seconds later) ..."
swift build --build-tests
# One test after the other: some run PostgreSQL, our programs and hundreds of connections, and on two cores they would
# take the time from each other that others await.
exec swift test --skip-build --no-parallel "$@"
