"""Snort's alert_full: an alert over several lines, with the packet's flags and, of an ICMP error, what it quotes.

Source: Snort 3's alert_full.cc and log_text.cc, Snort 2's spo_alert_full.c. An alert begins with
`[**] [gid:sid:rev]` and is placed at that line. The arrow points the way of the packet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..types import Alert, Location, Problem, Record
from .snort import alert_time_ns, snort_alert
from .source import Source, note_problem
from .values import BadRecord, address

FORMAT = "snort.full"
BEGINNING = re.compile(rb"\[\*\*\] \[\d{1,10}:\d{1,10}:\d{1,10}\]")
MARK = b"[**]"
FIRST = re.compile(
    r"\[\*\*\] \[(?P<rule>[\d:]{5,32})\]\s{1,4}(?:<[^>]{1,64}>\s{1,4})?(?P<msg>.{0,1024}?)\s{0,4}\[\*\*\]"
)
CLASS = re.compile(r"\[Classification: (?P<class>[^\]]{0,256})\]")
PRIORITY = re.compile(r"\[Priority: (?P<priority>\d{1,10})\]")
TIME = re.compile(r"(?:^|\s)(?P<time>\d\d/\d\d(?:/\d\d)?-\d\d:\d\d:\d\d(?:\.\d{1,9})?)\s")
ENDS = re.compile(r"(?m)(?:^|\s)(?P<src>[0-9A-Fa-f.:]{2,60}) -> (?P<dst>[0-9A-Fa-f.:]{2,60})(?=\s|$)")
PROTOCOL = re.compile(r"\b(?P<proto>[A-Z][A-Z0-9-]{1,15}) TTL:")
FLAGS = re.compile(r"(?m)(?:^|\s)(?P<tcp_flags>[12UAPRSFCE*]{8}) Seq:")
ICMP = re.compile(r"Type:(?P<icmp_type>\d{1,3})\s{1,4}Code:(?P<icmp_code>\d{1,3})")
# What follows is the packet that an ICMP error quotes, with addresses of its own.
QUOTED = "** ORIGINAL DATAGRAM DUMP"
MAX_LINES = 64
MAX_LENGTH = 4096


def matches(head: bytes) -> bool:
    return any(_begins(line) for line in head.split(b"\n", 20))


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the alerts; one that cannot be read is told with the number of its first line."""
    for number, block in _blocks(source):
        try:
            alert = _decode(Location(source.name, number), block)
        except BadRecord as bad:
            note_problem(problems, source.name, f"line {number}", str(bad))
            continue
        if alert is not None:
            yield alert


def _blocks(source: Source) -> Iterator[tuple[int, str]]:
    """Yield each alert and the number of its first line. What stands before the first alert is one that cannot be read."""
    lines: list[str] = []
    begun = 1
    for number, line in source.lines():
        if lines and _begins(line):
            yield begun, "\n".join(lines)
            lines = []
        if line.strip() and len(lines) < MAX_LINES:
            begun = begun if lines else number
            lines.append(line[:MAX_LENGTH].decode("utf-8", "replace"))
    if lines:
        yield begun, "\n".join(lines)


def _begins(line: bytes) -> bool:
    """The rule has a line to itself, or all of the alert is on it, as a collector keeps one."""
    first = BEGINNING.match(line)
    if first is None:
        return False
    end = line.find(MARK, first.end())
    return end >= 0 and (line.rstrip().endswith(MARK) or b" TTL:" in line[end:])


def _decode(location: Location, block: str) -> Alert | None:
    header = block.partition(QUOTED)[0]
    first = FIRST.match(header)
    header = (
        header[first.end() :] if first else ""
    )  # the message is free text, and may look like what follows
    time, spoken = TIME.search(header), PROTOCOL.search(header)
    if first is None or time is None:
        raise BadRecord("this is no alert with a rule and a time")
    if spoken is None:  # a packet that is no IP
        return None
    values = {**first.groupdict(), **_ends(header, spoken["proto"]), "proto": spoken["proto"]}
    for pattern in (CLASS, PRIORITY, FLAGS, ICMP):
        if found := pattern.search(header):
            values |= found.groupdict()
    return snort_alert(location, FORMAT, values, block, alert_time_ns(time["time"]))


def _ends(header: str, spoken: str) -> dict[str, str]:
    """The addresses; with `-e` an arrow between hardware addresses stands before them. Fragments have no ports."""
    has_ports = spoken in ("TCP", "UDP") and "Frag Offset" not in header
    for found in ENDS.finditer(header):
        src = found["src"].rpartition(":")[0] if has_ports else found["src"]
        if _is_address(src):
            names = ("src_ap", "dst_ap") if has_ports else ("src_addr", "dst_addr")
            return dict(zip(names, (found["src"], found["dst"]), strict=True))
    raise BadRecord("the alert names no addresses")


def _is_address(text: str) -> bool:
    try:
        return bool(address(text))
    except BadRecord:
        return False
