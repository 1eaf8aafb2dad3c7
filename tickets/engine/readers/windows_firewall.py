"""Windows Firewall's own log, pfirewall.log: packets dropped, connections allowed.

Source: Microsoft, Windows Firewall with Advanced Security, "Configure the Windows Firewall log" and the header that
the log itself carries (W3C extended log format). `src-ip` is the sender of the packet or the host that opened the
allowed connection; `path` says on which way the writing host saw it. Times are the host's own clock, without a zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..ports import may_be_answer
from ..types import Basis, Endpoint, Location, LogRecord, Problem, Protocol, Record, Statement
from . import siem
from .source import Source
from .values import BadRecord, iso_ns, protocol, read_records

FORMAT = "windows.firewall"
FIELDS = (
    "date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode "
    "info path pid"
).split()
FIELDS_LINE = re.compile(rb"(?m)^[^\n]{0,200}?#Fields: [^\n]{0,300}\baction\b[^\n]{0,300}\bsrc-ip\b")
SOFTWARE_LINE = re.compile(rb"(?m)^[^\n]{0,200}?#Software: Microsoft Windows Firewall")
# A row without the header before it (a relay passes on rows only), in the documented order.
ROW = re.compile(
    rb"(?m)\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:ALLOW|DROP|OPEN|OPEN-INBOUND|CLOSE) (?:TCP|UDP|ICMP\w{0,2}|\d{1,3}) "
    rb"[0-9A-Fa-f.:%]{2,60} [0-9A-Fa-f.:%]{2,60} (?:\d{1,5}|-) "
)
# What a relay writes before the log's own line (RFC 3164, RFC 5424).
RELAYED = re.compile(
    r"(?:<\d{1,3}>|[A-Z][a-z]{2} {1,2}\d{1,2} ).{0,300}?(?=#[A-Z][\w ]{0,20}: |\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )"
)
# OPEN and OPEN-INBOUND are what Windows XP and Server 2003 wrote for ALLOW.
STATEMENTS = {
    "ALLOW": Statement.ALLOWED,
    "OPEN": Statement.ALLOWED,
    "OPEN-INBOUND": Statement.ALLOWED,
    "DROP": Statement.DENIED,
    "CLOSE": Statement.SEEN,
}
LOST = "INFO-EVENTS-LOST"
# The host's own program opened or took it; a host that forwards follows sessions as a firewall does.
PATHS = {"SEND": Basis.HOST, "RECEIVE": Basis.HOST, "FORWARD": Basis.SESSION}
# RFC 792, RFC 4443: what asks for an answer.
REQUESTS = frozenset({"8", "13", "15", "17", "128"})


def matches(head: bytes) -> bool:
    return any(sign.search(head) is not None for sign in (FIELDS_LINE, SOFTWARE_LINE, ROW))


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the rows; a log that was rolled over within may name its fields again."""
    fields = list(FIELDS)

    def decode(location: Location, line: str) -> Record | None:
        own = RELAYED.sub("", line.lstrip("\ufeff"), count=1)
        if own.startswith("#"):
            if own.startswith("#Fields:"):
                fields[:] = own[8:].split()
            return None
        values = own.split()
        if len(values) > len(fields) or len(values) < 8:
            raise BadRecord(f"{len(values)} fields where the header names {len(fields)}")
        return _row(location, dict(zip(fields, values, strict=False)), line)

    return read_records(source, problems, decode)


def _row(location: Location, row: dict[str, str], line: str) -> LogRecord | None:
    action = row.get("action", "").upper()
    if action == LOST:
        return None
    if action not in STATEMENTS:
        raise BadRecord(f"{action[:40]!r} is not an action of this firewall")
    spoken = protocol(row.get("protocol"))
    if spoken is None:
        return None
    src, dst = siem.ends(
        spoken,
        (row.get("src-ip"), row.get("src-port")),
        (row.get("dst-ip"), row.get("dst-port")),
        row.get("icmptype"),
        row.get("icmpcode"),
    )
    statement = STATEMENTS[action]
    flags = row.get("tcpflags", "-").strip("-")
    orig, basis = _opened_by(statement, spoken, src, dst, row)
    fields = {
        "action": action,
        "word": action,
        "flags": flags,
        "path": row.get("path", "").strip("-"),
        "clock": "local time, zone not stated",
    }
    return LogRecord(
        location=location,
        source=FORMAT,
        time_ns=iso_ns(f"{row.get('date')} {row.get('time')}"),
        protocol=spoken,
        src=src,
        dst=dst,
        statement=statement,
        orig=orig,
        resp=None if orig is None else (dst if orig == src else src),
        basis=basis,
        fields=siem.texts(fields),
        raw=line,
    )


def _opened_by(
    statement: Statement, spoken: Protocol, src: Endpoint, dst: Endpoint, row: dict[str, str]
) -> tuple[Endpoint | None, Basis]:
    """Allowed rows are of connections, so their source opened them; of UDP the first packet seen makes one, and that
    may be an answer. Dropped rows are of packets: of TCP the flags say
    whether it asked or answered, of ICMP the type; a dropped datagram may be a late answer and names nobody."""
    if statement is Statement.ALLOWED:
        basis = PATHS.get(row.get("path", "").upper(), Basis.FIRST_PACKET)
        if may_be_answer(spoken, src.port, dst.port):
            basis = Basis.FIRST_PACKET
        return (src if basis is not Basis.FIRST_PACKET else None), basis
    if statement is not Statement.DENIED:
        return None, Basis.FIRST_PACKET
    if spoken is Protocol.TCP:
        asked = {"S": src, "AS": dst}.get("".join(sorted(row.get("tcpflags", "").upper())))
        return asked, Basis.DENIED_PACKET
    if spoken is Protocol.ICMP and row.get("icmptype") in REQUESTS:
        return src, Basis.DENIED_PACKET
    return None, Basis.DENIED_PACKET
