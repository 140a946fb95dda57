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
if (($# > 0)); then exec swift test "$@"; fi
# One after the other: the programs of the integration tests would take the time that others are measured in. Both run
# in any case, so that one failure does not hide another.
status=0
swift test --skip-build --skip '^IntegrationTests\.' || status=1
swift test --skip-build --filter '^IntegrationTests\.' || status=1
exit "$status"
