#!/usr/bin/env bash
# Installs what is missing to build, run and test KEE, through apt-get.
#
#   scripts/install-dependencies.sh [run|test]
#
# `run` leaves the PostgreSQL server out when KEE_DATABASE_URL or KEE_DATABASE_URL_FILE names another one. Each thing is
# looked for itself rather than as a package, so that a libpq or PostgreSQL from elsewhere counts too, and a machine
# that has everything needs neither apt-get nor root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

purpose=${1:-test}
case $purpose in
run | test) ;;
*)
    echo "usage: $0 [run|test]" >&2
    exit 64
    ;;
esac

has_command() { command -v "$1" >/dev/null 2>&1; }
has_library() { has_command pkg-config && pkg-config --exists "$1" 2>/dev/null; }
has_postgres() { scripts/embedded-postgres.sh programs >/dev/null 2>&1; }

# The toolchain is the one thing that we do not install.
if ! has_command swift; then
    echo "error: no swift on the PATH. KEE needs a Swift 6.3 toolchain: https://www.swift.org/install/linux/" >&2
    exit 1
fi

missing=()
has_command pkg-config || missing+=(pkg-config)
has_library libpq || missing+=(libpq-dev)
has_library libcurl || missing+=(libcurl4-openssl-dev)
has_library zlib || missing+=(zlib1g-dev)
has_command curl || missing+=(curl)
has_command openssl || missing+=(openssl)
# SwiftPM fetches packages over HTTPS.
if has_command apt-get && [[ ! -e /etc/ssl/certs/ca-certificates.crt ]]; then missing+=(ca-certificates); fi
install_postgres=no
if [[ $purpose == test || -z ${KEE_DATABASE_URL:-}${KEE_DATABASE_URL_FILE:-} ]] && ! has_postgres; then
    missing+=(postgresql)
    install_postgres=yes
fi

# promtool only reads our metrics and rules in the tests. It is unpacked below .kee/ and not installed: Debian's package
# would start a Prometheus on port 9090 of this machine.
install_promtool=no
if [[ $purpose == test ]] && ! has_command promtool && [[ ! -x .kee/tools/usr/bin/promtool ]]; then install_promtool=yes; fi

if ((${#missing[@]} == 0)) && [[ $install_promtool == no ]]; then exit 0; fi

if ! has_command apt-get; then
    if ((${#missing[@]} == 0)); then exit 0; fi
    echo "error: missing on this machine (names of Debian's packages): ${missing[*]}" >&2
    echo "There is no apt-get here to install them. Install the like of them and run this again:" >&2
    echo "  Fedora: dnf install pkgconf libpq-devel libcurl-devel zlib-devel postgresql-server openssl curl" >&2
    exit 1
fi

as_root=()
if ((EUID != 0)); then
    if has_command sudo; then
        as_root=(sudo)
    elif ((${#missing[@]} > 0)); then
        echo "error: missing: ${missing[*]}. Only root can install them, and there is no sudo. As root:" >&2
        echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
fi

# Waits for another apt-get instead of failing, and retries what a flaky mirror refused.
apt() {
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@"
}

if ((${#missing[@]} > 0)); then
    echo "Installing ${missing[*]} (a minute or so) ..."
    if ((EUID != 0)); then echo "  (as root, through sudo)"; fi
    apt update
    createcluster=/etc/postgresql-common/createcluster.d/kee.conf
    if [[ $install_postgres == yes ]]; then
        # Debian's package makes a cluster on port 5432 and starts it, unless told not to. KEE brings its own.
        ${as_root[@]+"${as_root[@]}"} mkdir -p "${createcluster%/*}"
        echo "create_main_cluster = false" | ${as_root[@]+"${as_root[@]}"} tee "$createcluster" >/dev/null
    fi
    status=0
    apt install --no-install-recommends "${missing[@]}" || status=$?
    if [[ $install_postgres == yes ]]; then
        # A PostgreSQL that someone installs here later is to behave as Debian's does.
        ${as_root[@]+"${as_root[@]}"} rm -f "$createcluster"
    fi
    if ((status != 0)); then
        echo "error: apt-get could not install ${missing[*]} (see above). Install them by hand and run this again." >&2
        exit 1
    fi
fi

if [[ $install_promtool == yes ]]; then
    echo "Fetching promtool for the tests (40 MB, unpacked below .kee/tools) ..."
    mkdir -p .kee/tools
    folder=$(mktemp -d .kee/tools/download.XXXXXX)
    trap 'rm -rf "$folder"' EXIT
    chmod 755 "$folder"
    # Without package lists (none of the above was missing) apt knows no package at all.
    if ! apt-cache show prometheus >/dev/null 2>&1 && ((EUID == 0 || ${#as_root[@]} > 0)); then apt update || true; fi
    if (cd "$folder" && apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3 download prometheus) &&
        dpkg-deb -x "$folder"/prometheus_*.deb "$folder/unpacked" &&
        mkdir -p .kee/tools/usr/bin &&
        mv "$folder/unpacked/usr/bin/promtool" .kee/tools/usr/bin/promtool; then
        echo "promtool is .kee/tools/usr/bin/promtool."
    else
        echo "warning: promtool could not be fetched; the tests that need it will say that they were skipped." >&2
    fi
fi
