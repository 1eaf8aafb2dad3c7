#!/bin/sh
# npm-chromium.sh FOLDER: FOLDER/chromium out of the npm package. Its default arguments are never used, since
# they switch web security off.
set -eu

folder=$1
mkdir -p "$folder"
cd "$folder"
npm install --silent --no-save --ignore-scripts --no-audit --no-fund --prefix . @sparticuz/chromium@153.0.0
cat >unpack.mjs <<'JS'
import chromium from "@sparticuz/chromium";
console.log(await chromium.executablePath());
JS
unpacked=$(TMPDIR="$PWD" node unpack.mjs)
[ "$unpacked" = "$PWD/chromium" ] || mv "$unpacked" chromium
./chromium --version --no-sandbox >/dev/null
