#!/bin/sh
# packages.sh - the Debian packages that bertutils needs, and installing them
#
#   sh examples/packages.sh build|get|test     install what is missing
#   sh examples/packages.sh --list build|...   only name it
#
# As root apt-get is called as it is, else through sudo; where there is
# neither, the missing packages are named and the exit status is 1. A package
# written name? is left out where apt does not know it.
set -eu

packages() {
    case $1 in
    build) # a compiler, and the libraries that are linked
        echo gcc libc6-dev make pkgconf libpcre2-dev libutf8proc-dev \
            libjansson-dev libblis-serial-dev libdnnl-dev?
        ;;
    get) # what examples/get-model.sh downloads with
        echo curl ca-certificates
        ;;
    pip) # its second way
        echo python3-pip
        ;;
    test)
        echo bats mandoc shellcheck g++ clang-format-14? python3 jq parallel \
            miller zsh fish
        ;;
    *)
        echo "packages.sh: no such list: $1" >&2
        exit 2
        ;;
    esac
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

list=
[ "${1-}" != --list ] || { list=1 && shift; }
if [ $# -eq 0 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
for set; do packages "$set" > /dev/null; done
if ! command -v dpkg-query > /dev/null; then
    echo "packages.sh: this is no Debian; needed, under Debian's names:" >&2
    for set; do packages "$set"; done | tr -d '?' >&2
    exit 0
fi
missing='' optional=''
for set; do
    for p in $(packages "$set"); do
        if installed "${p%\?}"; then
            continue
        fi
        case $p in
        *\?) optional="$optional ${p%\?}" ;;
        *) missing="$missing $p" ;;
        esac
    done
done
if [ -n "$list" ]; then
    echo $missing $optional
    exit 0
fi
[ -n "$missing$optional" ] || exit 0

known() { # of the optional packages, those that apt knows are missing
    for p in $optional; do
        if apt-cache policy "$p" 2> /dev/null |
            grep -q 'Candidate: [0-9]'; then
            missing="$missing $p"
        fi
    done
}

as_root=
if [ "$(id -u)" -ne 0 ]; then
    # Packages that are only good to have are not worth a password.
    if [ -z "$missing" ] && ! sudo -n true 2> /dev/null; then
        echo "packages.sh: not installed (good to have):$optional" >&2
        exit 0
    fi
    if ! command -v sudo > /dev/null; then
        known # before a first apt-get update the lists may be empty
        echo "packages.sh: these packages are missing, and neither root nor" \
            "sudo is at hand to install them:" >&2
        echo "    apt-get install$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
$as_root apt-get update -qq
known
[ -n "$missing" ] || exit 0
echo "packages.sh: installing$missing"
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $missing > /dev/null
