#!/usr/bin/env bash
# `make sanitize`: the tests under ThreadSanitizer. Arguments go to the test program, such as --filter PostgresTests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-dependencies.sh test
export PATH=$PATH:$PWD/.kee/tools/usr/bin
folder=.build-tsan

echo "Building the tests for ThreadSanitizer (5 minutes and more the first time on two cores) ..."
swift build --build-tests --sanitize=thread --scratch-path "$folder"
bin=$(swift build --build-tests --sanitize=thread --scratch-path "$folder" --show-bin-path)

# Synchronization.Mutex takes and gives back its lock where ThreadSanitizer does not look; see the file.
clang -shared -fPIC -O1 -o "$folder/libmutex.so" Tests/Sanitizers/mutex.c

LD_PRELOAD=$PWD/$folder/libmutex.so TSAN_OPTIONS="exitcode=66" \
    exec "$bin/keePackageTests.xctest" --testing-library swift-testing --no-parallel "$@"
