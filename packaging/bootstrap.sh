#!/bin/sh
# Readies the checkout: system packages, then .venv with the pinned libraries.
#   sh packaging/bootstrap.sh run      what `make run` needs
#   sh packaging/bootstrap.sh dev      what `make test` needs (everything)
#   sh packaging/bootstrap.sh package  what `make package` needs, in build/venv
# Make calls it only when something it depends on has changed (see the stamps
# in the Makefile). PYTHON=/path/to/python chooses another interpreter.
set -eu
cd "$(dirname "$0")/.."
kind=${1:?run, dev or package}
list=packaging/linux/apt-packages.txt
if [ "$kind" = package ]; then venv=build/venv; else venv=.venv; fi

say() { echo "florapp: $*" >&2; }

# The pinned libraries exist for Python 3.11 to 3.14, the workshop's to 3.13.
if [ "$kind" = dev ]; then newest=13; else newest=14; fi
fits() {
    "$1" -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $newest))" 2>/dev/null
}
# What is packaged should be the system's own, which holds no path of the machine it was built on.
if [ "$kind" = package ]; then first=/usr/bin/python3; else first=python3; fi
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        py=$PYTHON
        fits "$py" && return 0
    else
        for py in $first python3 python3.13 python3.12 python3.11; do
            if fits "$py"; then return 0; fi
        done
    fi
    py=
    return 1
}

# Installed packages, and the names they stand in for (libglib2.0-0t64 for
# libglib2.0-0), one per line.
installed() {
    # shellcheck disable=SC2016  # dpkg-query fills these in, not the shell
    dpkg-query -W -f '${db:Status-Status}:${Package}, ${Provides}\n' |
        sed -n 's/^installed://p' | tr ',' '\n' | sed 's/^ *//; s/[ (].*//'
}

wanted() { # the section [run], and that of the kind
    awk -v kind="[$kind]" '{ sub(/ *#.*/, "") } /^\[/ { on = $0 == "[run]" || $0 == kind; next }
        on && NF' "$list"
}

# ------------------------------------------------------------ system packages
need=
if ! find_python; then
    need="python3 python3-venv"
elif ! "$py" -c 'import venv, ensurepip' 2>/dev/null; then
    need="$(basename "$py")-venv"
fi

if command -v dpkg-query >/dev/null; then
    have=" $(installed | tr '\n' ' ') "
    asked="$need $(wanted)"
    need=
    for package in $asked; do
        case $have in *" $package "*) ;; *) need="$need $package" ;; esac
    done
    need=${need# }
    if [ -n "$need" ]; then
        if [ "$(id -u)" = 0 ]; then root=
        elif sudo -n true 2>/dev/null; then root="sudo -n"
        else
            say "some system packages are missing. Please type this once, then try again:"
            echo "sudo apt-get install -y $need" >&2
            exit 1
        fi
        say "installing system packages: $need"
        $root apt-get update -q >&2 || say "apt-get update had trouble; installing all the same"
        # shellcheck disable=SC2086  # several words on purpose
        $root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends $need >&2
        [ -n "$py" ] || find_python || true
    fi
else
    say "this system has no dpkg; should something be missing, these are the Debian names of"
    say "what is needed: $(wanted | tr '\n' ' ')"
fi

if [ -z "$py" ] || ! "$py" -c 'import venv, ensurepip' 2>/dev/null; then
    say "Python 3.11 to 3.$newest with its venv module is needed, and was not found."
    exit 1
fi

# ------------------------------------------------------------------- the venv
made_of() { "$1" -c 'import sys; print(sys.base_prefix, sys.version)' 2>/dev/null; }
here=$(pwd -P) # the scripts in it name the place where it was made
if ! fits "$venv/bin/python" || ! "$venv/bin/python" -c 'import pip' 2>/dev/null ||
    [ "$(cat "$venv/.place" 2>/dev/null || echo "$here")" != "$here" ] ||
    { [ -n "${PYTHON:-}" ] && [ "$(made_of "$venv/bin/python")" != "$(made_of "$py")" ]; }; then
    "$py" -m venv --clear "$venv"
fi
echo "$here" >"$venv/.place"
say "installing the pinned libraries into $venv (a few minutes the first time)"
pip() { PIP_USER=0 "$venv/bin/python" -m pip --disable-pip-version-check install --quiet "$@" >&2; }
pip --require-hashes -r "packaging/requirements/$kind.txt"
# An editable install has no hash, hence the second step; it fetches nothing.
pip --no-deps --no-build-isolation -e .
