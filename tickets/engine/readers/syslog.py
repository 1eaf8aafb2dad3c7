"""What stands before a device's own words on a line of syslog.

RFC 5424, 6: `<PRI>1 TIME HOST APP PROC MSGID [DATA] MESSAGE`. RFC 3164, 4.1: `<PRI>Mmm dd hh:mm:ss HOST TAG: MESSAGE`.
A file may hold either without its priority, and with the time in ISO 8601.
"""

from __future__ import annotations

import re

from .values import ISO_TIME, SYSLOG_TIME, iso_ns, syslog_ns

START = re.compile(r"\ufeff?\s{0,8}(?:<\d{1,3}>)?(?:1 (?=\d{4}-))?", re.ASCII)


def written_ns(line: str) -> int:
    """Return the time at the start of the line; 0 where it has none (dmesg, a device that keeps no clock)."""
    start = START.match(line)
    rest = line[start.end() if start else 0 :]
    if ISO_TIME.match(rest):
        return iso_ns(rest)
    return syslog_ns(rest) if SYSLOG_TIME.match(rest) else 0
