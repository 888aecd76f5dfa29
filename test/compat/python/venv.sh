#!/bin/sh
# Prints the directory of a virtual environment that holds requirements-NAME.txt, and makes it first if need be.
#
#     venv.sh NAME
#
# Environments live outside the checkout, in ${XDG_CACHE_HOME:-~/.cache}/bufeo/venv, keyed by the requirements and the
# Python that they are for: a changed pin makes a new one, an unchanged one costs nothing. Every package is pinned with
# hashes. To move a pin: edit requirements-NAME.in, then
#
#     pip-compile --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --strip-extras \
#         -o requirements-NAME.txt requirements-NAME.in
set -eu

here=$(cd "$(dirname "$0")" && pwd)
name=${1:?usage: venv.sh NAME}
requirements="$here/requirements-$name.txt"

say() { printf '%s\n' "$*" >&2; }

if [ ! -f "$requirements" ]; then
    say "venv.sh: there is no $requirements"
    exit 2
fi

python=${PYTHON:-python3}
if ! command -v "$python" >/dev/null 2>&1; then
    say "venv.sh: $python is not installed; test/setup.sh, which make test runs first, says how"
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "venv.sh: $("$python" --version) is too old, the pinned clients need Python 3.11 or newer. Name another with PYTHON=…"
    exit 1
fi

key=$({ "$python" -c 'import sys; print(sys.version, sys.executable)'; cat "$requirements"; } |
    "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:16])')
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bufeo/venv
dir="$cache/$name-$key"
if [ -f "$dir/complete" ]; then
    printf '%s\n' "$dir"
    exit 0
fi

# One maker at a time: two test packages may ask for the same environment at once.
mkdir -p "$cache"
lock="$dir.lock"
tries=0
until mkdir "$lock" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then
        say "venv.sh: $lock is held for ten minutes. If nothing is being installed, remove it and try again."
        exit 1
    fi
    sleep 1
done
trap 'rmdir "$lock"' EXIT
trap 'exit 1' INT TERM

if [ ! -f "$dir/complete" ]; then
    say "venv.sh: making $dir"
    rm -rf "$dir"
    "$python" -m venv "$dir"
    "$dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
        --requirement "$requirements" >&2
    : >"$dir/complete"
fi
printf '%s\n' "$dir"
