#!/usr/bin/env bash
# A PostgreSQL of this checkout's own, for `make run` and for trying things.
#
#   scripts/embedded-postgres.sh start|stop|status|url|pid|log|home [FOLDER]    FOLDER is .kee/postgres unless given
#   scripts/embedded-postgres.sh programs                                        where PostgreSQL's programs are
#
# It listens on 127.0.0.1 only, on a free port that it keeps (another one when that is taken), and on a socket inside
# its folder. `url` prints its address with the password in it. PostgreSQL refuses to run as root: for root it runs as
# the user postgres, and where that user may not enter FOLDER everything lies in /var/lib/kee/<hash of FOLDER>.
# It is never killed hard, what it has committed is on disk (fsync and synchronous_commit are on), and a start after a
# crash recovers.
#
# FOLDER/data       the data; FOLDER/data.new while it is being made
# FOLDER/socket     the socket: `psql -h FOLDER/socket -p PORT -U kee kee` as the user it runs as needs no password
# FOLDER/password   of the role kee (mode 0600); FOLDER/port; FOLDER/postgres.log
set -euo pipefail
umask 077

readonly role=kee database=kee
readonly log_limit=$((32 * 1024 * 1024))

say() { echo "$@" >&2; }
fail() {
    say "error: $1"
    shift
    for line in "$@"; do say "  $line"; done
    exit 1
}

# The folder of initdb, pg_ctl and postgres: of version $1, or the newest there is.
programs() {
    local candidate found=""
    while read -r candidate; do
        if [[ -x $candidate/initdb && -x $candidate/pg_ctl && -x $candidate/postgres ]]; then found=$candidate; fi
    done < <(
        if command -v initdb >/dev/null; then dirname "$(readlink -f "$(command -v initdb)")"; fi
        if command -v pg_config >/dev/null; then pg_config --bindir 2>/dev/null || true; fi
        # shellcheck disable=SC2086 # The star is to be expanded.
        printf '%s\n' /usr/lib/postgresql/${1:-*}/bin /usr/pgsql-${1:-*}/bin | sort -V
    )
    if [[ -n $found && -n ${1:-} ]]; then
        [[ $("$found/postgres" --version) =~ \ $1([^0-9]|$) ]] || return 1
    fi
    [[ -n $found ]] && echo "$found"
}

# Runs a command as the one who owns the data. It never sees our lock's descriptor, which it would hold for ever.
as_owner() {
    if [[ $owner == "$(id -un)" ]]; then "$@" 8>&-; else runuser -u "$owner" -- "$@" 8>&-; fi
}

owner_of() { stat -c %U "$1" 2>/dev/null || stat -f %Su "$1"; }

# Sets `home` (where everything lies) and `owner` (whom PostgreSQL runs as).
find_home() {
    local folder=$1 hashed hash
    owner=$(id -un)
    home=$folder
    if ((EUID != 0)); then
        if [[ -d $home && ! -O $home ]]; then
            fail "the PostgreSQL in $home belongs to the user $(owner_of "$home")." \
                "Run this as that user or as root, remove the folder, or set KEE_DATABASE_URL."
        fi
        return
    fi
    hash=$(printf %s "$folder" | sha256sum)
    hashed=/var/lib/kee/${hash:0:12}
    # Where its data is already, there it stays; as its owner, which may be a user who ran this without being root.
    if [[ -d $hashed/data ]]; then home=$hashed; fi
    if [[ -d $home/data ]]; then
        owner=$(owner_of "$home/data")
        return
    fi
    owner=postgres
    if ! id "$owner" >/dev/null 2>&1; then
        fail "PostgreSQL does not run as root, and there is no user postgres to run it as." \
            "Install Debian's package postgresql, run this as another user, or set KEE_DATABASE_URL."
    fi
    # The folder must be reachable, and must keep the owner that we give it (some mounts do not).
    local probe reachable=no
    probe=$(mktemp -d "$folder.XXXXXX")
    if chown "$owner" "$probe" 2>/dev/null &&
        runuser -u "$owner" -- test -w "$probe" 2>/dev/null; then reachable=yes; fi
    rm -rf "$probe"
    if [[ $reachable == no ]]; then home=$hashed; fi
}

# The pid of our server, if it runs. A pid alone proves nothing: after a crash another process can have it. PostgreSQL
# works inside its data folder, and that only ours does.
running_pid() {
    local pid place
    { read -r pid <"$home/data/postmaster.pid"; } 2>/dev/null || return 1
    [[ $pid =~ ^[0-9]+$ ]] || return 1
    kill -0 "$pid" 2>/dev/null || return 1
    if [[ -d /proc/self ]]; then
        place=$(readlink "/proc/$pid/cwd" 2>/dev/null) || return 1
        [[ $place == "$(readlink -f "$home/data")" ]] || return 1
    fi
    echo "$pid"
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the ports that the kernel hands out to clients (from 32768), so that none of them can sit on ours.
choose_port() {
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

# Writes standard input into a file of the owner's, all of it or nothing.
write_file() {
    as_owner tee "$1.new" >/dev/null
    as_owner mv -f "$1.new" "$1"
}

create_data() {
    say "Making a PostgreSQL $("$bin/postgres" --version | awk '{print $3}') in $home (some seconds, only once) ..."
    as_owner rm -rf "$home/data.new"
    # C.UTF-8 compares bytes, which is fast and never changes with the system, yet knows the letter case of Unicode.
    local locale output
    for locale in C.UTF-8 C; do
        if output=$(as_owner "$bin/initdb" -D "$home/data.new" -U postgres --encoding=UTF8 --locale="$locale" \
            --auth-local=peer --auth-host=reject 2>&1); then break; fi
        as_owner rm -rf "$home/data.new"
        if [[ $locale == C ]]; then
            say "$output"
            fail "initdb failed in $home (see above)." \
                "If its file system keeps no Unix permissions, set KEE_DATABASE_URL to another PostgreSQL."
        fi
    done

    printf '%s\n' \
        '# TYPE  DATABASE  USER  ADDRESS       METHOD' \
        'local   all       all                 peer map=kee' \
        'host    all       all   127.0.0.1/32  scram-sha-256' |
        write_file "$home/data.new/pg_hba.conf"
    printf 'kee %s %s\n' "$owner" postgres "$owner" "$role" | write_file "$home/data.new/pg_ident.conf"
    echo "include_if_exists = 'kee.conf'" | as_owner tee -a "$home/data.new/postgresql.conf" >/dev/null

    # initdb gave the superuser postgres no password: only the socket lets it in. KEE connects as a role that is none:
    # what it needs is a database of its own, and leave to create the role kee_reader.
    local password
    password=$(new_password)
    echo "$password" | write_file "$home/password"
    if ! output=$(printf '%s\n' \
        "CREATE ROLE $role LOGIN CREATEROLE PASSWORD '$password';" "CREATE DATABASE $database OWNER $role;" |
        as_owner "$bin/postgres" --single -D "$home/data.new" -c log_min_error_statement=panic postgres 2>&1) ||
        [[ $output == *ERROR:* ]]; then
        say "$output"
        fail "could not create the role and the database $role in $home (see above)."
    fi
    # Only now does the name appear by which the next start takes it for whole.
    as_owner mv "$home/data.new" "$home/data"
}

new_password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# shared_buffers: a month of a small cluster. jit: it costs more than short queries take.
write_settings() {
    local socket=$home/socket
    # The kernel's limit of a socket's path is 107 bytes; a deep checkout does without the socket.
    if ((${#socket} > 85)); then socket=""; fi
    printf '%s\n' \
        "# Written at each start by scripts/embedded-postgres.sh. Your own settings go to postgresql.auto.conf." \
        "listen_addresses = '127.0.0.1'" \
        "port = $1" \
        "unix_socket_directories = '${socket//\'/\'\'}'" \
        "unix_socket_permissions = 0700" \
        "shared_buffers = 256MB" \
        "synchronous_commit = on" \
        "jit = off" \
        "timezone = 'UTC'" \
        "log_timezone = 'UTC'" |
        write_file "$home/data/kee.conf"
}

start() {
    local pid port attempt
    if [[ $home == /var/lib/kee/* ]]; then
        (umask 022 && mkdir -p /var/lib/kee)
        say "The user $owner may not enter ${folder%/*}: PostgreSQL's data lies in $home."
    fi
    if ((EUID == 0)); then install -d -m 700 -o "$owner" "$home"; else mkdir -p "$home"; fi
    # One start at a time. The lock goes with this process, however it ends.
    if command -v flock >/dev/null; then
        as_owner touch "$home/lock"
        exec 8<"$home/lock"
        flock 8
    fi

    if pid=$(running_pid); then
        say "PostgreSQL runs already (pid $pid, port $(<"$home/port"))."
        return
    fi
    local version=""
    if [[ -e $home/data/PG_VERSION ]]; then version=$(<"$home/data/PG_VERSION"); fi
    bin=$(programs "$version") || fail "the programs of PostgreSQL${version:+ $version} are not on this machine." \
        "${version:+$home/data was made by that version. Install it, or remove the folder, which loses its data.}" \
        "Run 'make deps', or set KEE_DATABASE_URL to a PostgreSQL elsewhere."
    if [[ ! -d $home/data ]]; then create_data; fi
    as_owner mkdir -p "$home/socket"
    # We know that no postmaster of ours runs. What a killed one left would stop the start if its pid is now another
    # process of the same user's, or a zombie that nobody fetches (a container without an init). So that pid becomes one
    # that no process has. The file itself stays: by the shared memory that it names, PostgreSQL makes sure that no
    # backend of the killed one still writes.
    if [[ -e $home/data/postmaster.pid ]]; then as_owner sed -i '1s/.*/9999999/' "$home/data/postmaster.pid"; fi
    as_owner find "$home/socket" -name '.s.PGSQL.*' -delete

    port=$(cat "$home/port" 2>/dev/null) || port=$(choose_port)
    # What an earlier start wrote must not be taken for this one's words.
    if [[ -f $home/postgres.log && $(wc -c <"$home/postgres.log") -gt $log_limit ]]; then
        as_owner mv -f "$home/postgres.log" "$home/postgres.log.old"
    fi
    as_owner touch "$home/postgres.log"
    for attempt in {1..20}; do
        if port_is_taken "$port"; then
            say "Port $port is taken by another program; choosing another one."
            port=$(choose_port)
        fi
        write_settings "$port"
        local seen
        seen=$(wc -c <"$home/postgres.log")
        say "Starting PostgreSQL on 127.0.0.1:$port ..."
        if as_owner "$bin/pg_ctl" start -s -w -t 300 -D "$home/data" -l "$home/postgres.log" >/dev/null 2>&1; then
            echo "$port" | write_file "$home/port"
            return
        fi
        local words
        words=$(tail -c "+$((seen + 1))" "$home/postgres.log")
        case $words in
        *"Address already in use"* | *"could not bind"*)
            # Someone was faster since we looked.
            port=$(choose_port)
            ;;
        *"is still in use"* | *"another server might be running"*)
            # The postmaster was killed, and its children notice when their statement ends.
            say "Waiting for the sessions of a PostgreSQL that was killed ..."
            sleep 1
            ;;
        *)
            say "$words"
            fail "PostgreSQL did not start (its last words are above; all of them: $home/postgres.log)."
            ;;
        esac
    done
    fail "PostgreSQL did not start in $attempt attempts; see $home/postgres.log."
}

stop() {
    local pid
    if ! pid=$(running_pid); then
        say "PostgreSQL does not run."
        return
    fi
    bin=$(programs "$(<"$home/data/PG_VERSION")") || fail "the programs of PostgreSQL are gone; stop pid $pid by hand."
    # Fast: it ends the sessions and writes a checkpoint. Immediate, if that hangs: the next start recovers.
    as_owner "$bin/pg_ctl" stop -s -w -t 60 -m fast -D "$home/data" ||
        as_owner "$bin/pg_ctl" stop -s -w -t 30 -m immediate -D "$home/data"
    say "PostgreSQL has stopped."
}

command=${1:-}
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${2:-$checkout/.kee/postgres}
[[ $folder == /* ]] || folder=$PWD/$folder
if (($# > 2)); then command=""; fi
case $command in
start | stop | status | url | pid | log | home)
    (umask 022 && mkdir -p "${folder%/*}")
    folder=$(cd "${folder%/*}" && pwd -P)/${folder##*/}
    find_home "$folder"
    # PostgreSQL's programs complain when their user may not enter the folder that we stand in.
    cd /
    ;;
esac
case $command in
start) start ;;
stop) stop ;;
status)
    if pid=$(running_pid); then
        echo "running: pid $pid, 127.0.0.1:$(<"$home/port"), data in $home/data"
    else
        echo "stopped: data in $home/data"
        exit 3
    fi
    ;;
url)
    running_pid >/dev/null || fail "PostgreSQL does not run; start it with '$0 start'."
    echo "postgresql://$role:$(<"$home/password")@127.0.0.1:$(<"$home/port")/$database"
    ;;
pid) running_pid || exit 3 ;;
log) echo "$home/postgres.log" ;;
home) echo "$home" ;;
programs)
    programs || fail "no PostgreSQL server is installed here; run 'make deps'."
    ;;
*)
    say "usage: $0 start|stop|status|url|pid|log|home [FOLDER]   or   $0 programs"
    exit 64
    ;;
esac
