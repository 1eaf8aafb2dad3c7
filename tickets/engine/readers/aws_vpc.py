"""Amazon VPC flow logs, versions 2 to 5: the default format, or any other by its header line.

Source: Amazon VPC User Guide, "Flow log records". A record sums up one direction at one interface for an interval;
its source is the sender. Of TCP's flags only FIN, SYN, RST and SYN with ACK are recorded: 2 is the asking half,
18 the answering one. ACCEPT and REJECT are the security group's or network ACL's word. `flow-direction` is that of
the interface. Where an address was translated, the packet's own stands in `pkt-srcaddr` and `pkt-dstaddr`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..types import (
    Basis,
    Endpoint,
    FlowRecord,
    Location,
    LogRecord,
    Problem,
    Protocol,
    Record,
    Statement,
    TcpFlags,
)
from .netflow import count
from .source import Source
from .values import BadRecord, endpoint, epoch_ns, protocol, read_records

FORMAT = "aws.vpc"
DEFAULT = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets",
    "bytes", "start", "end", "action", "log-status",
)  # fmt: skip
NEEDED = frozenset({"srcaddr", "dstaddr", "protocol", "start"})
FIELD = re.compile(r"[a-z][a-z0-9-]*")
# A line of the default format has fourteen fields, of which the second to last two can be told.
SIGN = re.compile(
    rb"(?m)^(?:[^\n]{0,200} )?2 (?:\d{12}|unknown) eni-[0-9a-z]+ .{1,200} (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA)\s*$"
)


def matches(head: bytes) -> bool:
    lines = [line for line in head.split(b"\n")[:5] if line.strip()]
    if any(_header(line.decode("utf-8", "replace")) for line in lines):
        return True
    return SIGN.search(head[:8192]) is not None


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the flows; intervals without data (NODATA) or with data lost (SKIPDATA) have none."""
    columns = list(DEFAULT)

    def decode(location: Location, line: str) -> Record | None:
        if names := _header(line):
            columns[:] = names
            return None
        values = line.split()
        if len(values) < len(columns):
            raise BadRecord(f"{len(values)} fields where the format has {len(columns)}")
        # What stands before is a relay's header, or the time of CloudWatch's export.
        return _decode(location, dict(zip(columns, values[-len(columns) :], strict=True)), line)

    return read_records(source, problems, decode)


def _header(line: str) -> list[str]:
    """Return the names of a header line, also as `# format:` or in the shape in which a format is asked for."""
    words = line.strip().removeprefix("#").strip().removeprefix("format:").split()
    names = [word.removeprefix("${").removesuffix("}").replace("_", "-").lower() for word in words]
    return names if set(names) >= NEEDED and all(map(FIELD.fullmatch, names)) else []


def _decode(location: Location, row: Mapping[str, str], line: str) -> Record | None:
    if row.get("log-status") in ("NODATA", "SKIPDATA") or row["srcaddr"] == "-":
        return None
    spoken = protocol(row["protocol"])
    if spoken is None:
        return None
    src, dst = (_end(row, way, spoken) for way in ("src", "dst"))
    start = epoch_ns(row["start"])
    flags = _flags(row, spoken)
    if row.get("action") == "REJECT":
        return _rejected(location, row, line, spoken, src, dst, start, flags)
    return FlowRecord(
        location=location,
        source=FORMAT,
        time_ns=start,
        end_ns=max(start, epoch_ns(row["end"])) if row.get("end", "-") != "-" else start,
        protocol=spoken,
        orig=src,
        resp=dst,
        is_half=True,
        observer=_set(row, "interface-id"),
        orig_packets=count(row.get("packets")),
        orig_bytes=count(row.get("bytes")),
        orig_flags=flags,
        state=_set(row, "action"),
        raw=line,
    )


def _rejected(
    location: Location,
    row: Mapping[str, str],
    line: str,
    spoken: Protocol,
    src: Endpoint,
    dst: Endpoint,
    time_ns: int,
    flags: TcpFlags | None,
) -> LogRecord:
    """Network ACLs keep no state, so an answer can be rejected too: only the flags tell it from a request."""
    orig: Endpoint | None = None
    if flags is not None and flags & TcpFlags.SYN:
        orig = dst if flags & TcpFlags.ACK else src
    words = {"word": "REJECT", "action": "REJECT", "flags": "" if flags is None else f"{flags:d}"}
    counts = {name: _set(row, name) for name in ("packets", "bytes")}
    return LogRecord(
        location=location,
        source=FORMAT,
        time_ns=time_ns,
        protocol=spoken,
        src=src,
        dst=dst,
        statement=Statement.DENIED,
        orig=orig,
        resp=None if orig is None else (src if orig == dst else dst),
        basis=Basis.REPLY if orig == dst else Basis.DENIED_PACKET,
        fields={name: value for name, value in {**words, **counts}.items() if value},
        raw=line,
    )


def _end(row: Mapping[str, str], way: str, spoken: Protocol) -> Endpoint:
    """The packet's own address, where a gateway stands between; ICMP's type is not recorded."""
    ip = _set(row, f"pkt-{way}addr") or row[f"{way}addr"]
    number = "0" if spoken is Protocol.ICMP else _set(row, f"{way}port") or "0"
    return endpoint(ip, number)


def _flags(row: Mapping[str, str], spoken: Protocol) -> TcpFlags | None:
    value = _set(row, "tcp-flags")
    return (
        TcpFlags(int(value) & 0xFF)
        if spoken is Protocol.TCP and re.fullmatch(r"\d{1,3}", value, re.ASCII)
        else None
    )


def _set(row: Mapping[str, str], name: str) -> str:
    value = row.get(name, "-")
    return "" if value == "-" else value
