#!/bin/sh
# Sees to it that the tests can run on this machine: Go, a C compiler for the race detector, curl for the pasted
# commands, Python with venv for the clients written in it. As root on Debian and Ubuntu it installs what is missing;
# elsewhere it says what to install. `make test` runs it first; it is quick when there is nothing to do.
#
#     setup.sh            what make test needs
#     setup.sh runtimes   what make compat needs besides: Node.js and npm, Java and Maven
set -eu

cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

if ! have go; then
    say "setup: Go is not installed. bufeo needs Go $(sed -n 's/^go //p' go.mod) or newer: https://go.dev/dl"
    exit 1
fi

python=${PYTHON:-python3}
venvs() { have "$python" && "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; }
compiler() { have "$(go env CC | cut -d ' ' -f 1)"; }

missing=
compiler || missing="$missing gcc libc6-dev"
have curl || missing="$missing curl"
venvs || missing="$missing python3 python3-venv"
if [ "${1:-}" = runtimes ]; then
    have node || missing="$missing nodejs"
    have npm || missing="$missing npm"
    { have java && have javac; } || missing="$missing default-jdk-headless"
    have mvn || missing="$missing maven"
fi

if [ -n "$missing" ]; then
    # shellcheck disable=SC2086 # one word for each package
    if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && have apt-get; then
        say "setup: installing$missing"
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >&2
    else
        say "setup: these are needed for the tests and not here (by their names on Debian and Ubuntu):$missing"
        say "    Debian, Ubuntu: sudo apt-get install$missing      macOS: xcode-select --install; brew install python"
        exit 1
    fi
fi

# All at once: mostly they wait for the network.
pids=
for requirements in test/compat/python/requirements-*.txt; do
    name=${requirements##*/requirements-}
    test/compat/python/venv.sh "${name%.txt}" >/dev/null &
    pids="$pids $!"
done
failed=
for pid in $pids; do
    wait "$pid" || failed=yes
done
if [ -n "$failed" ]; then
    say "setup: not every Python environment could be made, see above"
    exit 1
fi
