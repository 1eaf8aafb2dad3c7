#!/bin/sh
# install.sh VENV LOCK: exactly what the lock names, checked by hash.
set -eu

venv=$1
lock=$2

echo "Installing what $lock names."
# uv does not read pip's configuration, so where packages come from a mirror only pip knows the way.
if [ -x "$venv/bin/uv" ] &&
    VIRTUAL_ENV="$venv" "$venv/bin/uv" pip install --quiet --require-hashes -r "$lock" 2>"$venv/uv.log"; then
    exit 0
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" && exit 0
echo "The packages could not be installed. Is there a way to a Python package index?" >&2
[ ! -s "$venv/uv.log" ] || { echo "uv said:" >&2; tail -n 5 "$venv/uv.log" >&2; }
exit 1
