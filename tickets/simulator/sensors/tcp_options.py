"""The names of a segment's TCP options, in their order, as pf and tcpdump abbreviate them."""

from __future__ import annotations

NAMES = {0: "eol", 1: "nop", 2: "mss", 3: "wscale", 4: "sackOK", 5: "sack", 8: "TS"}
WITHOUT_LENGTH = (0, 1)


def name_options(options: bytes) -> list[str]:
    """RFC 9293, 3.2: kinds 0 and 1 are a single byte, all others carry their length."""
    names, at = [], 0
    while at < len(options):
        kind = options[at]
        names.append(NAMES.get(kind, f"opt-{kind}"))
        at += 1 if kind in WITHOUT_LENGTH else max(2, options[at + 1])
    return names
