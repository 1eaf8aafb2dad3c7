"""NetFlow and IPFIX as nfdump prints it for the eye: line, long, extended, biline, nsel, nel, or a format of its own.

Source: nfdump's output_fmt.c. `->` goes from the sender of that direction, `<->` is the merger (-B), which
guesses the client by the ports. IPv6 addresses are cut short unless line6 is asked for: such a line cannot be used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..types import FlowRecord, Location, Problem, Record
from .netflow import duration_ns, ends_of, flags_of, translated, unidirectional, worded_event
from .source import Source
from .values import BadRecord, iso_ns, protocol, read_records

FORMAT = "nfdump.line"
DATE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?"
FLOW = re.compile(
    rf"(?:(?P<time>{DATE})\s+)?(?:(?P<duration>(?:\d+d )?[\d:]*\d+\.\d+)\s+)?(?P<proto>[A-Za-z][\w-]*|\d+)\s+"
    r"(?P<src>\S+)\s+(?P<arrow><->|->)\s+(?P<dst>\S+)(?P<rest>.*)",
    re.ASCII,
)
# A firewall's event (NSEL): its word, the word for its cause, and the two ends before and behind the translation.
# A translator's (NEL) has no cause.
EVENT = re.compile(
    rf"(?P<time>{DATE})\s+(?P<event>[A-Z0-9]+|<no-evt>)\s+(?:(?P<cause>(?i:Ignore)|I-ACL|E-ACL|Adap|No Syn|NOSYN|\d+|<no-evt>)\s+)?"
    r"(?P<proto>[A-Za-z][\w-]*|\d+)\s+(?P<src>\S+)\s+->\s+(?P<dst>\S+)\s+(?P<outer_src>\S+)\s+->\s+(?P<outer_dst>\S+)"
    r"(?P<rest>.*)",
    re.ASCII,
)
# nfdump writes IPv6 with a dot before the port, IPv4 with a colon.
END = re.compile(r"(\[?[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*\]?)\.(\d+(?:\.\d+)?)|([^:\s]+):(\d+(?:\.\d+)?)", re.ASCII)
FLAGS = re.compile(r"(?<!\S)(?:[C.][E.])?[U.][A.][P.][R.][S.][F.](?!\S)")
LABELLED = re.compile(r"(?:in|out)= *(\d+)")
NUMBER = re.compile(r"(?<!\S)(\d+(?:\.\d+)?)(?: ([KMGT]))?(?!\S)")
SCALES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
IGNORED = (
    "Date first seen", "Date flow start", "Event time", "Summary:", "Time window:", "Total flows processed:", "Sys:", "No matched flows",
    "Command line:", "Aggregated flows", "#",
)  # fmt: skip
SIGN = re.compile(
    rb"(?m)^[^\n]{0,120}?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [^\n]{1,40}[0-9a-f][.:]\d[\d.]* +(?:<->|->) +[^\n]{3,60}$"
)


def matches(head: bytes) -> bool:
    text = head.replace(b"\r\n", b"\n")
    return (
        b"Date first seen" in text[:4096]
        or text.startswith(b"Event time  ")
        or SIGN.search(text[:8192]) is not None
    )


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the flows, and the events of firewalls and translators; nfdump's header and summary are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> Record | None:
    said = line.strip()
    if said.startswith(IGNORED):
        return None
    event = EVENT.match(said)
    return _event(location, event, line) if event else _flow(location, said, line)


def _event(location: Location, match: re.Match[str], line: str) -> Record | None:
    spoken = protocol(match["proto"])
    if spoken is None:
        return None
    ends = ends_of(spoken, *_end(match["src"]), *_end(match["dst"]))
    outer = (_end(match["outer_src"]), _end(match["outer_dst"]))
    sizes = [*_numbers(match["rest"]), 0, 0]
    return worded_event(
        location,
        FORMAT,
        match["event"],
        match["cause"] or "",
        time_ns=iso_ns(match["time"]),
        spoken=spoken,
        ends=ends,
        sizes=(sizes[0], sizes[1]),
        translated=translated(ends, (outer[0][0], outer[1][0]), (outer[0][1], outer[1][1])),
        raw=line,
    )


def _flow(location: Location, said: str, line: str) -> FlowRecord | None:
    match = FLOW.search(said)
    if match is None:
        raise BadRecord("the line is not written as nfdump writes a flow")
    if match["time"] is None:
        raise BadRecord("the flow has no time")
    spoken = protocol(match["proto"])
    if spoken is None:
        return None
    start = iso_ns(match["time"])
    flags = FLAGS.search(match["rest"])
    packets, sizes = _counts(match["arrow"], match["rest"], flags)
    return unidirectional(
        location,
        FORMAT,
        time_ns=start,
        end_ns=start + (duration_ns(match["duration"]) if match["duration"] else 0),
        spoken=spoken,
        ends=ends_of(spoken, *_end(match["src"]), *_end(match["dst"])),
        packets=packets,
        sizes=sizes,
        flags=flags_of(flags[0]) if flags else None,
        raw=line,
    )


def _end(value: str) -> tuple[str, str]:
    match = END.fullmatch(value)
    if match is None or ".." in value:
        raise BadRecord(f"{value[:60]!r} is not an address and a port in full")
    return (match[1] or match[3], match[2] or match[4])


def _counts(arrow: str, rest: str, flags: re.Match[str] | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """Packets and bytes, ours and theirs. After the flags `long` has the type of service first, a custom format
    may not; `biline` prints what came back before what went out."""
    if labelled := LABELLED.findall(rest):
        return (int(labelled[0]), int(labelled[1]) if len(labelled) > 1 else 0), (0, 0)
    numbers = _numbers(rest[flags.end() :] if flags else rest)
    if arrow == "<->":
        numbers = [*(numbers[1:] if flags and len(numbers) == 6 else numbers), 0, 0, 0, 0]
        return (numbers[1], numbers[0]), (numbers[3], numbers[2])
    if flags and len(numbers) in (4, 7):  # long and extended: Tos Packets Bytes [pps bps Bpp] Flows
        numbers = numbers[1:]
    numbers = [*numbers, 0, 0]
    return (numbers[0], 0), (numbers[1], 0)


def _numbers(text: str) -> list[int]:
    return [int(float(digits) * SCALES[scale]) for digits, scale in NUMBER.findall(text)]
