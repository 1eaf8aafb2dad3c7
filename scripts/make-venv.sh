#!/bin/sh
# make-venv.sh FOLDER UV: a virtual environment with the newest Python from 3.11 on, and uv where it can be had.
set -eu

folder=$1
uv=$2

python=
for name in python3.13 python3.12 python3.11 python3 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    echo "SOC Trainer needs Python 3.11 or newer, and there is none on the PATH." >&2
    echo "On Debian or Ubuntu: apt-get install python3 python3-venv" >&2
    exit 1
fi

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$python cannot make a virtual environment: its venv module is missing." >&2
    echo "On Debian or Ubuntu: apt-get install python3-venv" >&2
    exit 1
fi

echo "Making $folder with $("$python" --version)."
rm -rf "$folder"
"$python" -m venv "$folder"
# uv is only quicker: without it pip installs the same files by the same hashes.
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$uv" ||
    echo "uv could not be installed; pip does its work."
