"""pf's packet log on pfSense and OPNsense (filterlog): one CSV line a packet that a logging rule met.

Source: pfSense's documentation, Raw Filter Log Format; OPNsense writes the same columns. `src` is the packet's source,
and `in` or `out` is said of the interface: in on the inside is what leaves for the outside. The filter keeps states:
`pass` is logged for the packet that makes a state, so it is a conversation's first; `block` for each packet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..types import Basis, Endpoint, Location, LogRecord, Problem, Protocol, Record, Statement
from .icmp import message_ends
from .packet_line import UNKNOWN, Opener, opener, packet_line
from .source import Source
from .syslog import written_ns
from .values import BadRecord, address, endpoint, protocol, read_records

FORMAT = "pf.filterlog"
LINE = re.compile(
    r"\bfilterlog(?:\[\d+\])?(?::| \S{1,255} \S{1,255} (?:-|\[[^\]]{0,500}\])) ?(?P<columns>\d*,.*)"
)
SIGN = re.compile(rb"\bfilterlog\b[^,\n]{0,200},(?:[^,\n]*,){5}\w+,(?:in|out),[46],")
INTERFACE, REASON, ACTION, DIRECTION, VERSION = 4, 5, 6, 7, 8
# Where the columns of IPv4 and IPv6 part: protocol number, protocol, source; the transport's follow the destination.
PLACES = {"4": (15, 16, 18), "6": (13, 12, 15)}
STATEMENTS = {"pass": Statement.ALLOWED, "block": Statement.DENIED}
FLAGS = {"S": "SYN", "A": "ACK", "F": "FIN", "R": "RST", "P": "PSH", "U": "URG", "E": "ECE", "W": "CWR"}
# The types of ICMP by filterlog's words, and the code where the word settles it.
KINDS4 = {
    "request": (8, 0), "reply": (0, 0), "unreach": (3, 0), "unreachproto": (3, 2), "unreachport": (3, 3),
    "needfrag": (3, 4), "redirect": (5, 0), "timexceed": (11, 0), "paramprob": (12, 0), "tstamp": (13, 0),
    "tstampreply": (14, 0), "maskreply": (18, 0),
}  # fmt: skip
KINDS6 = {"request": (128, 0), "reply": (129, 0)}


def matches(head: bytes) -> bool:
    return SIGN.search(head) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the packets; lines of other programs are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> LogRecord | None:
    match = LINE.search(line)
    if match is None:
        return None
    columns = match["columns"].split(",")
    if len(columns) <= VERSION or columns[VERSION] not in PLACES:
        raise BadRecord("the version of IP is missing")
    number_at, name_at, src_at = PLACES[columns[VERSION]]
    if len(columns) < src_at + 2:
        raise BadRecord(f"{len(columns)} columns are too few")
    spoken = protocol(columns[number_at]) or protocol(columns[name_at])
    if spoken is None:
        return None
    rest = columns[src_at + 2 :]
    ends = _ends(spoken, columns[src_at : src_at + 2], rest)
    flags = _flags(rest) if spoken is Protocol.TCP else ""
    statement = STATEMENTS.get(columns[ACTION], Statement.SEEN)
    opened = _opener(spoken, ends, rest, flags, statement)
    fields = {
        "word": columns[ACTION],
        "reason": columns[REASON],
        "flags": flags,
        "interface": f"{columns[DIRECTION]} on {columns[INTERFACE]}",
        "message": " ".join(rest) if spoken is Protocol.ICMP else "",
    }
    return packet_line(location, FORMAT, written_ns(line), spoken, ends, statement, opened, fields, line)


def _ends(spoken: Protocol, ends: Sequence[str], rest: Sequence[str]) -> tuple[Endpoint, Endpoint]:
    if spoken is not Protocol.ICMP:
        if len(rest) < 2:
            raise BadRecord("the packet's ports are missing")
        return endpoint(ends[0], rest[0]), endpoint(ends[1], rest[1])
    kind = _kind(ends[0], rest)
    if kind is None:
        return Endpoint(address(ends[0]), 0), Endpoint(address(ends[1]), 0)
    return message_ends(ends[0], ends[1], *kind)


def _kind(src: str, rest: Sequence[str]) -> tuple[int, int] | None:
    """Type and code by filterlog's word; None where it writes none, as OPNsense does."""
    return (KINDS6 if ":" in src else KINDS4).get(rest[0] if rest else "")


def _flags(rest: Sequence[str]) -> str:
    letters = rest[3] if len(rest) > 3 else ""
    return " ".join(word for letter, word in FLAGS.items() if letter in letters) if letters else ""


def _opener(
    spoken: Protocol, ends: tuple[Endpoint, Endpoint], rest: Sequence[str], flags: str, statement: Statement
) -> Opener:
    """A blocked segment without SYN is what is left of a state that expired. A passed datagram made a state."""
    if spoken is Protocol.UDP and statement is Statement.ALLOWED:
        return ends[0], Basis.SESSION
    if spoken is Protocol.ICMP and _kind(ends[0].ip, rest) is None:
        return UNKNOWN
    return opener(spoken, *ends, flags.split(), statement)
