#!/usr/bin/env bash
# `make chaos`: a collector, PostgreSQL and an API server are killed, frozen and cut off from each other at random, and
# nothing may be lost or doubled. docs/chaos.md says what each fault is, and how to read a failure.
#
#   FAULTS=60          how many faults
#   EVENTS=30000       how often events are created or seen again while they come
#   SEED=...           what both are drawn from: a run that failed comes again with the seed that it printed
#   COLLECTORS=1       2 for two collectors of one cluster
#   SPACING=2          the mean number of seconds between two faults
#   KEE_BIN_DIR        a folder with kee-chaos, kee-fake-apiserver and kee-collector; nothing is installed or built then
# Arguments go to kee-chaos, such as --keep.
#
# Everything runs on free ports of 127.0.0.1 and in a private folder, which stays when the run fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=${KEE_BIN_DIR:-}
if [[ -z $bin ]]; then
    # Whatever database `make run` uses, ours is our own.
    env -u KEE_DATABASE_URL -u KEE_DATABASE_URL_FILE scripts/install-dependencies.sh run
    echo "Building for release (about 5 minutes the first time on two cores, seconds later) ..."
    # With the two that it runs, which lie beside it then.
    swift build -c release --product kee-chaos
    bin=$(swift build -c release --show-bin-path)
fi

arguments=(--faults "${FAULTS:-60}" --events "${EVENTS:-30000}" --collectors "${COLLECTORS:-1}"
    --spacing "${SPACING:-2}")
if [[ -n ${SEED:-} ]]; then arguments+=(--seed "$SEED"); fi

# Root can give each spool a small file system of its own, which fills up. In a mount namespace of its own it goes with
# the last process, however that ends.
wrapper=()
if ((EUID == 0)) && unshare --mount sh -c 'mount -t tmpfs -o size=64k tmpfs /mnt' 2>/dev/null; then
    wrapper=(unshare --mount)
    arguments+=(--mount-spools)
fi
exec ${wrapper[@]+"${wrapper[@]}"} "$bin/kee-chaos" "${arguments[@]}" "$@"
