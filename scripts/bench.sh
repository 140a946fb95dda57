#!/usr/bin/env bash
# `make bench`: the benchmarks, each beside its reference in the same run. docs/performance.md says what they measure.
#
#   EVENTS=200000      how many events are inserted
#   SECONDS_EACH=5     how long each measurement runs, and the same again for its reference
#   SECONDS_COLLECT=60 how long the collector is under load; 300 for an honest look at its memory
#   RATE=500           how many events it gets in a second meanwhile
#
# Arguments name the parts: parse, insert, select, http or collect; all without any.
#
# Everything runs on a PostgreSQL and a kee-query of its own on free ports, in a private folder; both end with this
# script, however it ends. The table goes to standard output, all else to standard error.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec 3>&1 1>&2

query="" step="" folder=""

fail() {
    echo "error: $1"
    exit 1
}

# Runs however this script ends.
stop_all() {
    local status=$?
    set +e
    trap '' INT TERM HUP PIPE
    trap - EXIT
    if [[ -n $step ]]; then
        kill -TERM -- "-$step" 2>/dev/null
        wait "$step" 2>/dev/null
    fi
    if [[ -n $query ]]; then
        kill -TERM "$query" 2>/dev/null
        wait "$query" 2>/dev/null
    fi
    if [[ -n $folder ]]; then
        if scripts/embedded-postgres.sh pid "$folder/postgres" >/dev/null 2>&1; then
            scripts/embedded-postgres.sh stop "$folder/postgres"
        fi
        rm -rf "$(scripts/embedded-postgres.sh home "$folder/postgres")" "$folder"
    fi
    exit "$status"
}

# Runs a long step in a process group of its own, so that a signal ends it at once: bash runs a trap only between
# commands, but interrupts a wait.
run_step() {
    set -m
    "$@" </dev/null &
    step=$!
    set +m
    local status=0
    wait "$step" || status=$?
    step=""
    return "$status"
}

install_dependencies() {
    # Whatever database `make run` uses, ours is our own.
    env -u KEE_DATABASE_URL -u KEE_DATABASE_URL_FILE scripts/install-dependencies.sh run
    command -v wrk >/dev/null && return
    command -v apt-get >/dev/null || return 0
    echo "Installing wrk ..."
    local -a as_root=()
    if ((EUID != 0)); then as_root=(sudo -n); fi
    { ${as_root[@]+"${as_root[@]}"} apt-get -q update &&
        ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends wrk; } ||
        echo "warning: wrk could not be installed; HTTP is left out."
}

build() {
    echo "Building for release (minutes the first time, seconds later) ..."
    local product
    if [[ $bench == yes ]]; then
        for product in kee-bench kee-query; do
            run_step swift build -c release --package-path Benchmarks --product "$product" ||
                fail "the build of $product failed (see above)."
        done
        bin=$(swift build -c release --package-path Benchmarks --show-bin-path)
    fi
    if [[ $collect == yes ]]; then
        # With the two programs that it runs, which lie beside it then.
        run_step swift build -c release --product kee-chaos || fail "the build of kee-chaos failed (see above)."
        chaos=$(swift build -c release --show-bin-path)/kee-chaos
    fi
}

# Commits are durable, as they are in earnest; the memory is that of a small server.
start_postgres() {
    local home
    # The user postgres must be able to come by.
    folder=$(mktemp -d "${TMPDIR:-/tmp}/kee-bench.XXXXXX")
    chmod 755 "$folder"
    run_step scripts/embedded-postgres.sh start "$folder/postgres" || fail "PostgreSQL did not start (see above)."
    scripts/embedded-postgres.sh stop "$folder/postgres"
    home=$(scripts/embedded-postgres.sh home "$folder/postgres")
    printf '%s\n' "shared_buffers = 1GB" "max_wal_size = 4GB" >>"$home/data/postgresql.auto.conf"
    run_step scripts/embedded-postgres.sh start "$folder/postgres" || fail "PostgreSQL did not start (see above)."
    url=$(scripts/embedded-postgres.sh url "$folder/postgres")
}

port_is_taken() { (exec 4<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the ports that the kernel hands out to clients.
free_port() {
    local port
    for _ in {1..50}; do
        port=$((RANDOM % 12000 + 20000))
        if ! port_is_taken "$port"; then
            echo "$port"
            return
        fi
    done
    fail "found no free port on 127.0.0.1 between 20000 and 32000."
}

# Without the rate limit, which is there to keep clients from doing what wrk does. It ends with this script, even if that
# is killed.
start_query() {
    local deadline=$((SECONDS + 60)) port management
    local -a wrapper=()
    port=$(free_port) management=$(free_port)
    if setpriv --pdeathsig clear true 2>/dev/null; then wrapper=(setpriv --pdeathsig TERM); fi
    KEE_DATABASE_URL=$url ${wrapper[@]+"${wrapper[@]}"} "$bin/kee-query" serve \
        --listen "127.0.0.1:$port" --management-listen "127.0.0.1:$management" --access open --rate-limit 0 \
        </dev/null >"$folder/query.log" 2>&1 &
    query=$!
    query_url=http://127.0.0.1:$port
    until curl -sf -m 5 -o /dev/null "$query_url/readyz"; do
        if ! kill -0 "$query" 2>/dev/null || ((SECONDS >= deadline)); then
            tail -n 15 "$folder/query.log"
            fail "kee-query did not become ready (the end of its log is above)."
        fi
        sleep 0.2
    done
}

trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

bench=no collect=no
parts=()
if (($# == 0)); then bench=yes collect=yes; fi
for part in "$@"; do
    if [[ $part == collect ]]; then
        collect=yes
    else
        bench=yes
        parts+=("$part")
    fi
done

install_dependencies
build
if [[ $bench == yes ]]; then
    programs=$(scripts/embedded-postgres.sh programs)
    [[ -x $programs/pgbench && -x $programs/psql ]] || fail "pgbench and psql are not in $programs."
    start_postgres
    start_query
    wrk=no
    if command -v wrk >/dev/null; then wrk=yes; fi
    KEE_BENCH_DATABASE_URL=$url KEE_BENCH_QUERY_URL=$query_url KEE_BENCH_WRK=$wrk KEE_BENCH_PROGRAMS=$programs \
        KEE_BENCH_RECORDING=demo/events.ndjson.gz KEE_BENCH_FOLDER=$folder \
        run_step "$bin/kee-bench" ${parts[@]+"${parts[@]}"} >&3
    # They would be in the collector's way.
    kill -TERM "$query"
    wait "$query" || true
    query=""
    scripts/embedded-postgres.sh stop "$folder/postgres"
fi
if [[ $collect == yes ]]; then
    run_step "$chaos" load --seconds "${SECONDS_COLLECT:-60}" --rate "${RATE:-500}" >&3
fi
