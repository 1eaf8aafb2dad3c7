"""Zeek's conn.log.

Field meanings: Zeek's base/protocols/conn/main.zeek. The originator is Zeek's belief; the history
says what it rests on: `S` or `s` a SYN was seen, `h` or `H` a SYN-ACK, `^` the roles were flipped. `local_orig` is
set after a flip and from the site's list of networks, so it says nothing more. ICMP has type and code for ports.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..types import FlowRecord, Location
from .history import basis_of
from .values import BadRecord, endpoint, protocol
from .zeek_rows import count, duration_ns, kept_text, set_text, time_ns

NEEDED = ("ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto")


def connection(location: Location, values: Mapping[str, Any], line: str) -> FlowRecord | None:
    """Return one connection; None for a protocol without conversations here (`unknown_transport`)."""
    missing = [name for name in NEEDED if name not in values]
    if missing:
        raise BadRecord(f"the field {missing[0]} is missing")
    spoken = protocol(values["proto"])
    if spoken is None:
        return None
    start = time_ns(values["ts"])
    history = kept_text(values.get("history"))
    return FlowRecord(
        location=location,
        source="zeek.conn",
        time_ns=start,
        end_ns=start + duration_ns(values.get("duration")),
        protocol=spoken,
        orig=endpoint(values["id.orig_h"], values["id.orig_p"]),
        resp=endpoint(values["id.resp_h"], values["id.resp_p"]),
        orig_packets=count(values.get("orig_pkts")),
        resp_packets=count(values.get("resp_pkts")),
        orig_bytes=count(values.get("orig_bytes")),
        resp_bytes=count(values.get("resp_bytes")),
        basis=basis_of(spoken, history),
        state=kept_text(values.get("conn_state")),
        history=history,
        service=kept_text(values.get("service")),
        community_id=set_text(values.get("community_id")),
        flow_id=set_text(values.get("uid")),
        raw=line,
    )
