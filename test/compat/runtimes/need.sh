# What the suites in these folders share; they source it, with $here set to their own folder.
# shellcheck shell=sh disable=SC2154 # here

# need PROGRAM MAJOR VERSION PACKAGE: fails with advice unless VERSION is at least MAJOR.
need() {
    major=${3%%.*}
    if [ "${major:-0}" -lt "$2" ] 2>/dev/null; then
        printf '%s\n' "$here/run: $1 $2 or newer is needed, and there is ${3:-none}." \
            "    Debian, Ubuntu: sudo apt-get install $4 (if that is too old, take it from a newer release)" >&2
        exit 1
    fi
}

# cached NAME FILE…: the folder for what these files pin, outside the checkout.
cached() {
    name=$1
    shift
    printf '%s/bufeo/%s-%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}" "$name" "$(cat "$@" | cksum | cut -d ' ' -f 1)"
}

# with_server NAME VERSION COMMAND…: runs the command beside a bufeo whose address is in BUFEO_URL.
with_server() {
    client=$1 version=$2
    shift 2
    (cd "$here/../.." && go run ./withserver -client "$client" -version "$version" "$@")
}
