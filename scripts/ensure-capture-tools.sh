#!/bin/sh
# tshark and argus for `make bench`: the machine's, else Debian's packages (as root). Without one of them the
# measurement leaves it out, and says so.
set -eu

missing=
command -v tshark >/dev/null || missing="$missing tshark"
command -v argus >/dev/null || missing="$missing argus-server"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing to measure against."
    log=$(mktemp)
    apt-get update -qq >"$log" 2>&1 || true
    for package in $missing; do
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >>"$log" 2>&1 ||
            echo "apt-get could not install $package: $(tail -n 1 "$log")" >&2
    done
    rm -f "$log"
else
    echo "Not installed, and left out:$missing. As root: apt-get install$missing" >&2
fi
