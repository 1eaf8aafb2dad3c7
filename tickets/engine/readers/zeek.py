"""Zeek's conn.log, as tab-separated text or JSON.

Field meanings: Zeek's base/protocols/conn/main.zeek. The originator is Zeek's belief; the history
says what it rests on: `S` or `s` a SYN was seen, `h` or `H` a SYN-ACK, `^` the roles were flipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..types import Basis, FlowRecord, Location, Problem, Protocol, Record
from .source import Source
from .values import BadRecord, endpoint, epoch_ns, iso_ns, json_object, protocol, read_records

FORMAT = "zeek.conn"
NEEDED = ("ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto")


def matches(head: bytes) -> bool:
    if head.startswith(b"#separator"):
        return b"\n#path\tconn\n" in head.replace(b"\r\n", b"\n")
    first = head.lstrip().split(b"\n", 1)[0]
    has_tuple = b'"id.orig_h"' in first or b'"id_orig_h"' in first
    return first.startswith(b"{") and has_tuple and b'"conn_state"' in first


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield the connections. A file cut into several logs may repeat its header, with other fields."""
    fields: list[str] = []

    def decode(location: Location, line: str) -> Record | None:
        if line.startswith("#"):
            if line.startswith("#fields\t"):
                fields[:] = line.split("\t")[1:]
            return None
        if line.startswith("{"):
            return _connection(location, _dotted(json_object(line)), line)
        values = line.split("\t")
        if len(values) != len(fields):
            raise BadRecord(f"{len(values)} fields where the header names {len(fields)}")
        return _connection(location, dict(zip(fields, values, strict=True)), line)

    return read_records(source, problems, decode)


def _dotted(record: dict[str, Any]) -> dict[str, Any]:
    """Some shippers cannot keep dots in names and write `id_orig_h`."""
    return {("id." + key[3:] if key.startswith("id_") else key): value for key, value in record.items()}


def _connection(location: Location, record: Mapping[str, Any], line: str) -> FlowRecord | None:
    missing = [name for name in NEEDED if name not in record]
    if missing:
        raise BadRecord(f"the field {missing[0]} is missing")
    spoken = protocol(record["proto"])
    if spoken is None:
        return None
    start = _time_ns(record["ts"])
    history = _set(record.get("history"))
    return FlowRecord(
        location=location,
        source=FORMAT,
        time_ns=start,
        end_ns=start + _duration_ns(record.get("duration")),
        protocol=spoken,
        orig=endpoint(record["id.orig_h"], record["id.orig_p"]),
        resp=endpoint(record["id.resp_h"], record["id.resp_p"]),
        orig_packets=_count(record.get("orig_pkts")),
        resp_packets=_count(record.get("resp_pkts")),
        orig_bytes=_count(record.get("orig_bytes")),
        resp_bytes=_count(record.get("resp_bytes")),
        basis=_basis(spoken, history),
        state=_set(record.get("conn_state")),
        history=history,
        service=_set(record.get("service")),
        community_id=_set(record.get("community_id")),
        flow_id=_set(record.get("uid")),
        raw=line,
    )


def _basis(spoken: Protocol, history: str) -> Basis:
    """`^` says that Zeek set the roles against the first packet: by a SYN-ACK, else by its table of ports."""
    letters = set(history)
    if spoken is Protocol.ICMP:
        return Basis.FIRST_PACKET
    if spoken is Protocol.UDP:
        return Basis.PORTS if "^" in letters else Basis.TRACKED
    if "^" in letters:
        return Basis.SYN_ACK if letters & {"h", "H"} else Basis.PORTS
    return Basis.HANDSHAKE if letters & {"S", "h"} else Basis.FIRST_PACKET


def _set(value: object) -> str:
    """Return a text field; `-` is unset and `(empty)` is empty."""
    return value if isinstance(value, str) and value not in ("-", "(empty)") else ""


def _count(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _time_ns(value: object) -> int:
    return iso_ns(value) if isinstance(value, str) and "T" in value else epoch_ns(value)


def _duration_ns(value: object) -> int:
    return epoch_ns(value) if value not in (None, "-") else 0
