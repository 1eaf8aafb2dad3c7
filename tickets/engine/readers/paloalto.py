"""PAN-OS traffic and threat logs: CSV, by position over syslog and by name in an export.

Source: PAN-OS Administrator's Guide, Traffic Log Fields and Threat Log Fields. `Source` is the side that opened the
session, in both. A threat's own `Direction` says which way the attack travelled: server-to-client against the session.
Sent is what the source sent. `allow` is the policy's permission: the end reason and what came back tell the rest.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

from ..types import (
    Alert,
    Basis,
    Endpoint,
    FlowRecord,
    Location,
    LogRecord,
    Problem,
    Protocol,
    Record,
    Statement,
    Views,
)
from .firewall_session import behind, count_packets, denial_basis, mapped_end, session_outcome
from .source import Source
from .values import NS, BadRecord, address, endpoint, iso_ns, protocol, read_records

FORMAT = "paloalto"
START = re.compile(r"(?:^|[\s:])(?P<row>\d{0,6},\d{4}/\d\d/\d\d \d\d:\d\d:\d\d,[^,]{0,64},[A-Z]{3,20},.*)")
SIGN = re.compile(rb",\d{4}/\d\d/\d\d \d\d:\d\d:\d\d,[^,\n]{0,64},(?:TRAFFIC|THREAT),[a-z-]+,")
SHARED = (
    "", "receivetime", "serialnumber", "type", "subtype", "", "generatedtime", "sourceaddress", "destinationaddress",
    "natsourceip", "natdestinationip", "rulename", "", "", "application", "", "sourcezone", "destinationzone", "", "",
    "", "", "sessionid", "repeatcount", "sourceport", "destinationport", "natsourceport", "natdestinationport",
    "flags", "protocol", "action",
)  # fmt: skip
TRAFFIC = (
    *SHARED, "bytes", "bytessent", "bytesreceived", "packets", "starttime", "elapsedtime", "category", "", "", "", "",
    "", "", "packetssent", "packetsreceived", "sessionendreason",
)  # fmt: skip
THREAT = (*SHARED, "url", "threatid", "category", "severity", "direction")
# What an export calls some of them.
ALIASES = {
    "serial": "serialnumber", "threatcontenttype": "subtype", "generatetime": "generatedtime", "rule": "rulename",
    "ipprotocol": "protocol", "elapsedtimesec": "elapsedtime", "pktssent": "packetssent", "pktsreceived": "packetsreceived",
    "urlfilename": "url", "threatcontentname": "threatid",
}  # fmt: skip
# Words in the place of an application that name none.
NO_APPLICATION = frozenset(
    {"incomplete", "insufficient-data", "not-applicable", "unknown-tcp", "unknown-udp", "non-syn-tcp", "any"}
)
# Subtypes of a threat log that tell of ordinary use, unless the firewall stopped it.
USE = frozenset({"url", "file", "data"})
STOPPED = ("block", "deny", "drop", "reset")
SEVERITIES = {"critical": 1, "high": 1, "medium": 2, "low": 3, "informational": 3}
DIRECTIONS = {"0": "client-to-server", "1": "server-to-client"}
NAMED_ID = re.compile(r"(.*)\((\d{1,10})\)")

Row = Mapping[str, str]


def matches(head: bytes) -> bool:
    return SIGN.search(head) is not None or _is_header(head.decode("utf-8", "replace").partition("\n")[0])


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield sessions and threats; a row of another type (SYSTEM, CONFIG) and a remark are passed over."""
    header: list[str] = []

    def decode(location: Location, line: str) -> Record | None:
        if _is_header(line):
            header[:] = _names(_cells(line))
            return None
        if line.startswith("#"):
            return None
        row = dict(zip(header, _cells(line), strict=False)) if header else _row(line)
        return _record(location, row, line)

    return read_records(source, problems, decode)


def _is_header(line: str) -> bool:
    """Columns of their own have these names: text that only speaks of a source address is no header."""
    cells = {cell.strip(' "\r').lower() for cell in line[:4096].split(",")}
    return cells >= {"source address", "destination address"} and not line.startswith("#")


def _names(cells: Sequence[str]) -> list[str]:
    plain = (re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in cells)
    return [ALIASES.get(name, name) for name in plain]


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error as bad:
        raise BadRecord(f"this is not CSV: {bad}") from None


def _row(line: str) -> Row:
    """A row over syslog names no columns: they follow from its type."""
    start = START.search(line)
    if start is None:
        raise BadRecord("the line holds no row of PAN-OS")
    cells = _cells(start["row"])
    names = {"TRAFFIC": TRAFFIC, "THREAT": THREAT}.get(cells[3], SHARED)
    return {name: cell for name, cell in zip(names, cells, strict=False) if name}


def _record(location: Location, row: Row, line: str) -> Record | None:
    kind = row.get("type", "").upper()
    if kind not in ("TRAFFIC", "THREAT"):
        return None
    spoken = protocol(row.get("protocol"))
    if spoken is None:
        if not row.get("protocol"):
            raise BadRecord("the protocol is missing")
        return None
    ends = _ends(spoken, row)
    if kind == "THREAT":
        return _threat(location, row, spoken, ends, line)
    return _session(location, row, spoken, ends, line)


def _ends(spoken: Protocol, row: Row) -> tuple[Endpoint, Endpoint]:
    """ICMP has no ports, and PAN-OS writes its type as an application only."""
    if spoken is not Protocol.ICMP:
        return (
            endpoint(row.get("sourceaddress"), row.get("sourceport")),
            endpoint(row.get("destinationaddress"), row.get("destinationport")),
        )
    src, dst = address(row.get("sourceaddress")), address(row.get("destinationaddress"))
    echo = (128, 129) if ":" in src else (8, 0)
    kinds = echo if row.get("application", "") in ("ping", "ping6") else (0, 0)
    return Endpoint(src, kinds[0]), Endpoint(dst, kinds[1])


# Traffic


def _session(
    location: Location, row: Row, spoken: Protocol, ends: tuple[Endpoint, Endpoint], line: str
) -> Record:
    """A session that was denied before anything came back is a statement of policy; another has an outcome."""
    received = count_packets(_count(row, "packetsreceived"), _count(row, "bytesreceived"))
    is_denied = row.get("subtype") in ("deny", "drop") or row.get("action", "").startswith(STOPPED)
    if row.get("subtype") == "start" or (is_denied and not received):
        return _policy(location, row, spoken, ends, line)
    sent = count_packets(_count(row, "packetssent"), _count(row, "bytessent"))
    start = _time_ns(row, "starttime", "generatedtime", "receivetime")
    return FlowRecord(
        location=location,
        source="paloalto.traffic",
        time_ns=start,
        end_ns=start + _count(row, "elapsedtime") * NS,
        protocol=spoken,
        orig=ends[0],
        resp=ends[1],
        basis=_basis(row),
        outcome=session_outcome(
            spoken,
            ends[1],
            sent,
            received,
            was_reset_by_responder=row.get("sessionendreason") == "tcp-rst-from-server",
        ),
        orig_packets=sent,
        resp_packets=received,
        orig_bytes=_count(row, "bytessent"),
        resp_bytes=_count(row, "bytesreceived"),
        state=", ".join(row[name] for name in ("action", "application", "sessionendreason") if row.get(name)),
        service=_application(row),
        flow_id=row.get("sessionid", ""),
        translated=_translated(row, ends),
        raw=line,
    )


def _policy(
    location: Location, row: Row, spoken: Protocol, ends: tuple[Endpoint, Endpoint], line: str
) -> LogRecord:
    action = row.get("action", "")
    statement = Statement.ALLOWED if not action.startswith(STOPPED) else Statement.DENIED
    if action in ("reset-client", "reset-both"):
        statement = Statement.RESET
    is_denied = statement is not Statement.ALLOWED
    fields = {
        "word": action,
        "reason": row.get("sessionendreason", "") if is_denied else "",
        "acl": row.get("rulename", ""),
        "connection": row.get("sessionid", ""),
        "zones": f"{row.get('sourcezone', '')} to {row.get('destinationzone', '')}",
    }
    basis = _basis(row)
    return LogRecord(
        location=location,
        source="paloalto.traffic",
        time_ns=_time_ns(row, "starttime", "generatedtime", "receivetime"),
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        statement=statement,
        orig=ends[0],
        resp=ends[1],
        basis=denial_basis(spoken, ends[0]) if is_denied and basis is Basis.SESSION else basis,
        service=_application(row),
        fields={name: value for name, value in fields.items() if value},
        translated=_translated(row, ends),
        raw=line,
    )


def _basis(row: Row) -> Basis:
    """A session that PAN-OS took up without a SYN (it calls it non-syn-tcp) has the first packet's source."""
    return Basis.FIRST_PACKET if row.get("application") == "non-syn-tcp" else Basis.SESSION


def _application(row: Row) -> str:
    name = row.get("application", "")
    return "" if name in NO_APPLICATION else name


def _translated(row: Row, ends: tuple[Endpoint, Endpoint]) -> Views:
    src, dst = ends
    new_src = mapped_end(src, row.get("natsourceip", ""), row.get("natsourceport", ""))
    new_dst = mapped_end(dst, row.get("natdestinationip", ""), row.get("natdestinationport", ""))
    return behind(src, dst, new_src, new_dst)


# Threats


def _threat(
    location: Location, row: Row, spoken: Protocol, ends: tuple[Endpoint, Endpoint], line: str
) -> Record:
    if row.get("subtype") in USE and not row.get("action", "").startswith(STOPPED):
        return _use(location, row, spoken, ends, line)
    named = NAMED_ID.match(row.get("threatid", ""))
    direction = row.get("direction", "")
    return Alert(
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        location=location,
        source="paloalto.threat",
        time_ns=_time_ns(row, "generatedtime", "receivetime"),
        sid=int(named[2]) if named else None,
        message=(named[1] if named else row.get("threatid", "")).strip() or row.get("subtype", ""),
        category=row.get("subtype", ""),
        severity=SEVERITIES.get(row.get("severity", "")),
        action=row.get("action", ""),
        direction=DIRECTIONS.get(direction, direction),
        flow_orig=ends[0],
        flow_resp=ends[1],
        basis=_basis(row),
        flow_id=row.get("sessionid", ""),
        raw=line,
    )


def _use(
    location: Location, row: Row, spoken: Protocol, ends: tuple[Endpoint, Endpoint], line: str
) -> LogRecord:
    """Of a URL or a file that passed: what was asked for in the session."""
    fields = {"url": row.get("url", ""), "action": row.get("action", "")}
    return LogRecord(
        location=location,
        source="paloalto.threat",
        time_ns=_time_ns(row, "generatedtime", "receivetime"),
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        statement=Statement.SEEN,
        orig=ends[0],
        resp=ends[1],
        basis=_basis(row),
        service=_application(row),
        fields={name: value for name, value in fields.items() if value},
        translated=_translated(row, ends),
        raw=line,
    )


def _count(row: Row, name: str) -> int:
    value = row.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0


def _time_ns(row: Row, *names: str) -> int:
    """The first of these times that is written, in the firewall's own zone, which is not: taken as UTC."""
    written = next((row[name] for name in names if row.get(name)), "")
    return iso_ns(written.replace("/", "-"))
