#!/usr/bin/env bash
# `make check-api`: the running service against its own description.
#
#   KEE_URL=http://127.0.0.1:8080   a service that is running, over an archive that holds something, with --rate-limit 0;
#                                   without it one is started, over a PostgreSQL of its own with the demo's events
#   SEED=1 EXAMPLES=30              of schemathesis
#
# /openapi.json is checked for being OpenAPI 3.1, and schemathesis then makes requests of it, valid and not, and checks
# every answer against it. Both come from PyPI, into .kee/python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

query="" folder=""

fail() {
    echo "error: $1" >&2
    exit 1
}

stop_all() {
    local status=$?
    set +e
    trap - EXIT
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
trap stop_all EXIT
trap 'exit 130' INT TERM

python=.kee/python/bin
if [[ ! -x $python/schemathesis || ! -x $python/openapi-spec-validator ]]; then
    echo "Installing schemathesis and openapi-spec-validator into .kee/python ..."
    command -v python3 >/dev/null || fail "python3 is missing; schemathesis needs it."
    python3 -m venv .kee/python || fail "python3 -m venv failed; Debian has it in python3-venv."
    $python/pip -q install 'schemathesis>=4.32,<5' 'openapi-spec-validator>=0.7' ||
        fail "schemathesis could not be installed from PyPI."
fi

start() {
    env -u KEE_DATABASE_URL -u KEE_DATABASE_URL_FILE scripts/install-dependencies.sh run
    echo "Building (minutes the first time, seconds later) ..."
    swift build --product kee-query
    swift build --product kee-collector
    local bin
    bin=$(swift build --show-bin-path)
    mkdir -p .kee
    folder=$(mktemp -d "$PWD/.kee/check-api.XXXXXX")
    scripts/embedded-postgres.sh start "$folder/postgres"
    (umask 077 && scripts/embedded-postgres.sh url "$folder/postgres" >"$folder/url")
    for cluster in demo prod; do
        "$bin/kee-collector" replay --cluster "$cluster" --database-url-file "$folder/url" demo/events.ndjson.gz
    done
    "$bin/kee-query" serve --database-url-file "$folder/url" --listen 127.0.0.1:0 --management-listen 127.0.0.1:0 \
        --rate-limit 0 --log-format json >"$folder/query.log" 2>&1 &
    query=$!
    local port=""
    for _ in {1..100}; do
        port=$(sed -nE 's/.*"address":"127\.0\.0\.1:([0-9]+)".*events are served.*|.*events are served.*"address":"127\.0\.0\.1:([0-9]+)".*/\1\2/p' \
            "$folder/query.log" | head -n 1)
        [[ -n $port ]] && break
        kill -0 "$query" 2>/dev/null || fail "kee-query did not start: $(tail -n 3 "$folder/query.log")"
        sleep 0.1
    done
    [[ -n $port ]] || fail "kee-query did not say where it listens: $(tail -n 3 "$folder/query.log")"
    KEE_URL=http://127.0.0.1:$port
}

if [[ -z ${KEE_URL:-} ]]; then start; fi

description=$(mktemp)
curl -fsS -A check-api "$KEE_URL/openapi.json" >"$description"
$python/openapi-spec-validator --schema 3.1 "$description"
rm -f "$description"

SCHEMATHESIS_HOOKS=scripts/schemathesis/hooks.py $python/schemathesis --config-file scripts/schemathesis/schemathesis.toml \
    run "$KEE_URL/openapi.json" \
    --checks all --max-examples "${EXAMPLES:-30}" --seed "${SEED:-1}" --no-color
