#!/bin/sh
# Prints the path of a Chromium to test with; nothing where there is none.
set -eu

if [ -n "${E2E_CHROMIUM:-}" ]; then
    echo "$E2E_CHROMIUM"
    exit 0
fi
for name in chromium chromium-browser google-chrome google-chrome-stable "$PWD/.venv/chromium/chromium"; do
    if command -v "$name" >/dev/null 2>&1; then
        command -v "$name"
        exit 0
    fi
done
