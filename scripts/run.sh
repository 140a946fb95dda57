#!/usr/bin/env bash
# `make run`: everything, from what is missing on the machine to a first answer.
#
# KEE_LISTEN                         the query service's address (127.0.0.1:8080)
# KEE_COLLECTOR_MANAGEMENT_LISTEN    /metrics and /readyz of the collector (127.0.0.1:2112)
# KEE_QUERY_MANAGEMENT_LISTEN        /metrics and /readyz of the query service (127.0.0.1:2113)
# KEE_DATABASE_URL                   a PostgreSQL to use in place of our own (or KEE_DATABASE_URL_FILE)
# KEE_CLUSTER                        the name to archive your cluster under; else that of the kubeconfig's context
# KEE_BIN_DIR                        a folder with kee-collector and kee-query; nothing is installed or built then
# Both programs also read their other flags from the environment: KEE_KUBECONFIG, KEE_CONTEXT, KEE_LOG_LEVEL ...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)); then
    echo "error: this needs bash 5.1 or newer; this one is $BASH_VERSION." >&2
    exit 1
fi

readonly listen=${KEE_LISTEN:-127.0.0.1:8080}
readonly collector_management=${KEE_COLLECTOR_MANAGEMENT_LISTEN:-127.0.0.1:2112}
readonly query_management=${KEE_QUERY_MANAGEMENT_LISTEN:-127.0.0.1:2113}
readonly state=.kee logs=.kee/logs
readonly url_file=$PWD/.kee/database-url
readonly ready_timeout=120 stop_timeout=10

collector="" query="" postgres="" watchdog="" step="" stopping=no

fail() {
    echo "error: $1" >&2
    shift
    local line
    for line in "$@"; do echo "  $line" >&2; done
    exit 1
}

# --- Stopping ---------------------------------------------------------------------------------------------------------

alive() { [[ -n $1 ]] && kill -0 "$1" 2>/dev/null; }

# Sends SIGTERM to both programs and waits until they are gone; what still runs after that is killed.
stop_programs() {
    local pid deadline=$((SECONDS + stop_timeout))
    for pid in $collector $query; do kill -TERM "$pid" 2>/dev/null || true; done
    while { alive "$collector" || alive "$query"; } && ((SECONDS < deadline)); do sleep 0.1; done
    if alive "$collector"; then echo "kee-collector (pid $collector) still ran after $stop_timeout s; killed." >&2; fi
    if alive "$query"; then echo "kee-query (pid $query) still ran after $stop_timeout s; killed." >&2; fi
    for pid in $collector $query; do kill -KILL "$pid" 2>/dev/null || true; done
    wait $collector $query 2>/dev/null
    collector="" query=""
}

# Runs however this script ends. From here on nothing may interrupt it: not a second Ctrl-C, not a terminal that is gone.
stop_all() {
    local status=$?
    set +e
    trap '' INT TERM HUP PIPE
    trap - EXIT
    if [[ $stopping == no ]]; then
        stopping=yes
        if [[ -n $step ]]; then
            # SwiftPM passes an interrupt on to its compilers.
            kill -INT -- "-$step" 2>/dev/null
            wait "$step" 2>/dev/null
            step=""
        fi
        if [[ -n $watchdog ]]; then kill "$watchdog" 2>/dev/null; fi
        if [[ -n $collector$query ]]; then stop_programs; fi
        if [[ -n $postgres ]]; then scripts/embedded-postgres.sh stop; fi
    fi
    exit "$status"
}

# A stop that was asked for is a success once KEE ran; before that the work was broken off.
ready=no
interrupted() {
    set +e
    trap '' INT TERM HUP PIPE
    echo >&2
    if [[ $ready == yes ]]; then
        echo "Stopping KEE ..." >&2
        exit 0
    fi
    echo "Broken off before KEE was ready; stopping what had been started ..." >&2
    exit 130
}

# Runs a long step so that a signal ends it at once: bash runs a trap only between commands, but interrupts a wait.
# It gets a process group of its own, for otherwise bash would have it ignore interrupts.
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

# --- Addresses --------------------------------------------------------------------------------------------------------

# Where to reach, from here, what listens on $1.
reachable() {
    local host=${1%:*} port=${1##*:}
    case $host in
    "" | 0.0.0.0 | "*") host=127.0.0.1 ;;
    "[::]") host="[::1]" ;;
    esac
    echo "$host:$port"
}

# Refuses an address that is none, or on which something listens already. $1 is the variable to set, $2 its value.
check_address() {
    local address host port
    if [[ ! $2 =~ ^.*:[0-9]+$ ]] || ((10#${2##*:} < 1 || 10#${2##*:} > 65535)); then
        fail "$1=$2 is no address: write HOST:PORT, such as 127.0.0.1:8080."
    fi
    address=$(reachable "$2")
    host=${address%:*} port=${address##*:}
    host=${host#[} host=${host%]}
    if (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; then
        fail "something listens on $2 already." \
            "Stop it, or give this checkout another address: $1=${2%:*}:$((port < 65000 ? port + 1000 : port - 1000)) make run"
    fi
}

check_addresses() {
    if [[ ${listen##*:} == "${collector_management##*:}" || ${listen##*:} == "${query_management##*:}" ||
        ${collector_management##*:} == "${query_management##*:}" ]]; then
        fail "KEE_LISTEN ($listen), KEE_COLLECTOR_MANAGEMENT_LISTEN ($collector_management) and" \
            "KEE_QUERY_MANAGEMENT_LISTEN ($query_management) need three different ports."
    fi
    check_address KEE_LISTEN "$listen"
    check_address KEE_COLLECTOR_MANAGEMENT_LISTEN "$collector_management"
    check_address KEE_QUERY_MANAGEMENT_LISTEN "$query_management"
}

# --- The steps --------------------------------------------------------------------------------------------------------

# One `make run` a checkout. The lock goes with this script however it ends; children do not inherit it (9>&-).
take_lock() {
    command -v flock >/dev/null || return 0
    exec 9>>"$state/run.lock"
    if ! flock -n 9; then
        fail "KEE runs already from this checkout (pid $(<"$state/run.pid"))." \
            "Stop that one with Ctrl-C there or with: kill $(<"$state/run.pid")" \
            "To run two at once use two checkouts, with KEE_LISTEN, KEE_COLLECTOR_MANAGEMENT_LISTEN and" \
            "KEE_QUERY_MANAGEMENT_LISTEN set for one of them."
    fi
    echo $$ >"$state/run.pid"
}

build() {
    if [[ -n ${KEE_BIN_DIR:-} ]]; then
        bin=$KEE_BIN_DIR
        return
    fi
    echo "Building for release (about 5 minutes the first time on two cores, seconds later) ..."
    local product
    for product in kee-collector kee-query; do
        run_step swift build -c release --product "$product" 9>&- ||
            fail "the build of $product failed (see above)."
    done
    bin=$(swift build -c release --show-bin-path 9>&-)
}

# Puts the database's address into a file: on a command line everyone could read its password.
prepare_database() {
    if [[ -n ${KEE_DATABASE_URL:-} ]]; then
        echo "Using the PostgreSQL that KEE_DATABASE_URL names."
        (umask 077 && printf '%s\n' "$KEE_DATABASE_URL" >"$url_file")
    elif [[ -n ${KEE_DATABASE_URL_FILE:-} ]]; then
        echo "Using the PostgreSQL that KEE_DATABASE_URL_FILE names."
        export KEE_DATABASE_URL_FILE
        return
    else
        postgres=started
        run_step scripts/embedded-postgres.sh start 9>&- || fail "the embedded PostgreSQL did not start (see above)."
        (umask 077 && scripts/embedded-postgres.sh url >"$url_file")
    fi
    chmod 600 "$url_file"
    unset KEE_DATABASE_URL
    export KEE_DATABASE_URL_FILE=$url_file
}

# What no wait and no signal tells us. Ends when PostgreSQL does, which is no child of ours; a zombie has no working
# folder any more. Reports a terminal that is gone: the kernel tells that to the leader of its session only, and when
# that is make (`ssh -t host make run`), make keeps it to itself. And ends with this script.
watch_surroundings() {
    local pid=""
    if [[ -n $postgres ]]; then pid=$(scripts/embedded-postgres.sh pid) || return; fi
    while kill -0 $$ 2>/dev/null; do
        if [[ -n $pid && ! -d /proc/$pid/cwd && -d /proc/self ]]; then return; fi
        if [[ $has_terminal == yes && ! -t 7 ]]; then
            kill -HUP $$
            return
        fi
        sleep 1
    done
}

# Starts a program away from the terminal's signals (Ctrl-C is for this script, which stops both in order), and so that
# it ends if this script is killed. Sets `started`.
launch() {
    local log=$logs/$1.log
    local -a wrapper=()
    if command -v setsid >/dev/null; then wrapper+=(setsid); fi
    if setpriv --pdeathsig clear true 2>/dev/null; then wrapper+=(setpriv --pdeathsig TERM); fi
    if [[ -s $log ]]; then mv -f "$log" "$log.old"; fi
    ${wrapper[@]+"${wrapper[@]}"} "$bin/kee-$1" "${@:2}" </dev/null >"$log" 2>&1 9>&- &
    started=$!
}

start_collector() {
    local context
    if context=$("$bin/kee-collector" cluster-reachable 2>/dev/null 9>&-); then
        # The name stands in URLs; contexts of clouds carry colons and slashes.
        cluster=${KEE_CLUSTER:-${context//[^A-Za-z0-9._-]/-}}
        echo "Watching the cluster of the kubeconfig's context ${context:-(unnamed)} as cluster $cluster."
        mkdir -p .kee/spool
        launch collector watch --cluster "$cluster" --spool-dir ".kee/spool/$cluster" \
            --management-listen "$collector_management"
    else
        cluster=demo
        echo "No cluster of a kubeconfig answers: playing the recording of a real one as cluster demo."
        launch collector demo --cluster demo --management-listen "$collector_management" demo/events.ndjson.gz
    fi
    collector=$started
}

start_query() {
    launch query serve --listen "$listen" --management-listen "$query_management"
    query=$started
}

# Says which part ended, and its last words.
report_death() {
    local name=$1 status=${2:-} log=$logs/$1.log
    case $name in
    postgres)
        echo "error: PostgreSQL ended. The end of its log:" >&2
        log=$(scripts/embedded-postgres.sh log)
        ;;
    *) echo "error: kee-$name ended with status $status. The end of $log:" >&2 ;;
    esac
    tail -n 15 "$log" 2>/dev/null | sed 's/^/  | /' >&2 || true
}

# Fails if one of the parts has ended.
check_alive() {
    local status=0
    if ! alive "$collector"; then
        wait "$collector" || status=$?
        collector=""
        report_death collector "$status"
    elif ! alive "$query"; then
        wait "$query" || status=$?
        query=""
        report_death query "$status"
    elif [[ -n $watchdog ]] && ! alive "$watchdog"; then
        watchdog=""
        report_death postgres
    else
        return 0
    fi
    exit 1
}

# Each call as a client of its own: the rate limit counts by User-Agent.
calls=0
ask() {
    calls=$((calls + 1))
    curl -s -m 5 -A "kee-make-run/$$-$calls" "$@"
}

# Waits until the command succeeds. Gives up with $1 after $2 seconds.
await() {
    local what=$1 deadline=$((SECONDS + $2)) said=$((SECONDS + 5))
    shift 2
    until "$@"; do
        check_alive
        if ((SECONDS >= deadline)); then return 1; fi
        if ((SECONDS >= said)); then
            echo "  waiting for $what ..."
            said=$((SECONDS + 10))
        fi
        sleep 0.2
    done
}

is_ready() { ask -f -o /dev/null "http://$(reachable "$1")/readyz"; }
has_events() { [[ $(ask "$base/events/$cluster?limit=1") == *'"involvedObject"'* ]]; }

await_ready() {
    if ! { await "the query service on $listen" "$ready_timeout" is_ready "$listen" &&
        await "its management address $query_management" "$ready_timeout" is_ready "$query_management" &&
        await "the collector on $collector_management" "$ready_timeout" is_ready "$collector_management"; }; then
        tail -n 5 "$logs/collector.log" "$logs/query.log" >&2
        fail "not ready after $ready_timeout s (the ends of both logs are above; all of them: $logs)."
    fi
    if ! await "the first events of cluster $cluster" 30 has_events; then
        echo "No events of cluster $cluster yet; a quiet cluster may have none."
    fi
}

announce() {
    echo
    echo "KEE is ready: $base/events"
    echo
    echo "  curl -A first '$base/events'"
    echo "  curl -A second '$base/events/$cluster?since=15m&type=Warning&limit=10'"
    echo "  curl -A third '$base/clusters'"
    echo
    echo "Logs: $logs/. Ctrl-C stops everything; the data stays for the next start."
}

# --- All of it --------------------------------------------------------------------------------------------------------

has_terminal=no
if [[ -t 0 ]]; then has_terminal=yes; fi
mkdir -p "$logs"
take_lock
trap stop_all EXIT
trap interrupted INT TERM HUP

check_addresses
base=http://$(reachable "$listen")
# The programs read every flag from the environment; these three are ours, and reach each by its own flag.
unset KEE_LISTEN KEE_MANAGEMENT_LISTEN KEE_COLLECTOR_MANAGEMENT_LISTEN KEE_QUERY_MANAGEMENT_LISTEN

if [[ -z ${KEE_BIN_DIR:-} ]]; then
    scripts/install-dependencies.sh run 9>&-
fi
build
prepare_database
# Standard input of what runs in the background is /dev/null; 7 is the terminal, if there is one.
exec 7<&0
watch_surroundings 9>&- &
watchdog=$!
exec 7<&-
start_collector
start_query
await_ready
announce
ready=yes

# Until one of them ends, or a signal comes.
while true; do
    wait -n $collector $query $watchdog 2>/dev/null || true
    check_alive
done
