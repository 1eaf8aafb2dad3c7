#!/bin/sh
# Suricata for the tests that hold its alerts against ours: the machine's, else Debian's package (as root). Debian 12
# has it in its backports, which are taken from the mirror that the machine itself uses, for this installation only.
set -eu

command -v suricata >/dev/null && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Suricata is not installed. As root: apt-get install suricata, on Debian 12 from bookworm-backports." >&2
    exit 1
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/sources" "$dir/lists/partial"
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

# The machine's own sources, and beside each one of the release the same with its backports.
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] || continue
    cp "$file" "$dir/sources/"
    sed -n "s/^\(deb .*\) $codename main.*/\1 $codename-backports main/p" "$file" >>"$dir/sources/backports.list"
done
for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    cp "$file" "$dir/sources/"
    awk -v suite="$codename" 'BEGIN { RS = ""; ORS = "\n\n" }
        $0 ~ "Suites:[^\n]* " suite "-updates" || $0 ~ "Suites: *" suite "( |\n)" {
            sub(/Suites:[^\n]*/, "Suites: " suite "-backports"); print
        }' "$file" >>"$dir/sources/backports.sources"
done

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dir::Etc::SourceList=/dev/null \
        -o Dir::Etc::SourceParts="$dir/sources" -o Dir::State::Lists="$dir/lists" "$@" >>"$dir/log" 2>&1
}
echo "Installing suricata to hold its alerts against ours."
apt update || true
apt install -y --no-install-recommends suricata || apt install -y --no-install-recommends -t "$codename-backports" suricata || {
    echo "apt-get could not install suricata: $(tail -n 1 "$dir/log")" >&2
    exit 1
}
