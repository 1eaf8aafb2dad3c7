"""Open Cybersecurity Schema Framework, class 4001 Network Activity.

Source: OCSF schema, class network_activity and objects network_endpoint, network_connection_info, network_traffic.
`src_endpoint` is the initiator only where `initiator_id` (1 source, 2 destination) or `is_src_dst_assignment_known`
says so. `bytes_out` go from source to destination. A disposition is the control's, never the target's answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..types import (
    Basis,
    Endpoint,
    FlowRecord,
    Location,
    Outcome,
    Problem,
    Protocol,
    Record,
    Statement,
    TcpFlags,
)
from . import siem
from .documents import read_objects
from .history import basis_of
from .rows import event_of, flattened, has_signs
from .source import Source

FORMAT = "ocsf"
CLASS = re.compile(rb'"class_uid"\s*:\s*\d')
ENDPOINT = re.compile(rb'"(?:src|dst)_endpoint["\.]')
NETWORK_ACTIVITY = 4001
REFUSE = 5
# disposition_id of the profile security_control: 2 Blocked, 6 Dropped, 26 Unauthorized; 21 Reset, 25 Rejected; 1 Allowed,
# 8 Approved. action_id: 1 Allowed, 2 Denied.
DISPOSITIONS = {
    1: Statement.ALLOWED, 8: Statement.ALLOWED, 2: Statement.DENIED, 6: Statement.DENIED, 26: Statement.DENIED,
    21: Statement.RESET, 25: Statement.RESET,
}  # fmt: skip
ACTIONS = {1: Statement.ALLOWED, 2: Statement.DENIED}
DENIALS = (Statement.DENIED, Statement.RESET)
SYN, ACK = TcpFlags.SYN, TcpFlags.ACK


def matches(head: bytes) -> bool:
    return has_signs(head, CLASS, ENDPOINT)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield network activity; other classes, and events without two addresses, are passed over."""
    return read_objects(source, problems, _decode)


def _decode(location: Location, row: dict[str, Any], raw: str) -> Record | None:
    event = flattened(event_of(row))
    if siem.count(event.get("class_uid")) != NETWORK_ACTIVITY:
        return None
    if not event.get("src_endpoint.ip") or not event.get("dst_endpoint.ip"):
        return None
    spoken = siem.spoken_protocol(
        event.get("connection_info.protocol_num") or event.get("connection_info.protocol_name")
    )
    if spoken is None:
        return None
    src, dst = siem.ends(
        spoken,
        (event["src_endpoint.ip"], event.get("src_endpoint.port")),
        (event["dst_endpoint.ip"], event.get("dst_endpoint.port")),
    )
    statement = _statement(event)
    has_counts = any(
        siem.count(event.get(f"traffic.{name}")) for name in ("bytes", "packets", "bytes_out", "bytes_in")
    )
    is_summary = statement is Statement.ALLOWED and has_counts
    if statement is not None and not is_summary:
        return _said(location, event, spoken, (src, dst), statement, raw)
    return _flow(location, event, spoken, (src, dst), raw)


def _statement(event: Mapping[str, Any]) -> Statement | None:
    disposition = DISPOSITIONS.get(siem.count(event.get("disposition_id")))
    return disposition or ACTIONS.get(siem.count(event.get("action_id")))


def _initiator(event: Mapping[str, Any], src: Endpoint, dst: Endpoint) -> Endpoint | None:
    """The end that the event names as initiator, None where it does not say."""
    named = {1: src, 2: dst}.get(siem.count(event.get("initiator_id")))
    known = event.get("is_src_dst_assignment_known", event.get("connection_info.is_src_dst_assignment_known"))
    return named or (src if known is True else None)


def _said(
    location: Location,
    event: Mapping[str, Any],
    spoken: Protocol,
    pair: tuple[Endpoint, Endpoint],
    statement: Statement,
    raw: str,
) -> Record:
    flags = siem.count(event.get("connection_info.tcp_flags"))
    record = siem.statement_record(
        location,
        FORMAT,
        _time_ns(event),
        spoken,
        pair,
        statement,
        {
            "action": event.get("disposition") or event.get("action") or statement.value,
            "word": event.get("disposition") or event.get("action") or statement.value,
            "activity": event.get("activity_name", ""),
            "direction": event.get("connection_info.direction", ""),
            "flags": _flag_names(flags),
            "acl": event.get("firewall_rule.name") or event.get("policy.name") or "",
            "product": event.get("metadata.product.name", ""),
            "reason": event.get("status_detail", ""),
        },
        service=_service(event),
        community_id=str(event.get("connection_info.community_uid") or ""),
        raw=raw,
    )
    orig = _initiator(event, *pair)
    if orig is None and spoken is Protocol.TCP and flags == SYN:
        orig = pair[0]
    if orig is None:
        return record
    return siem.opened_by(record, orig, Basis.DENIED_PACKET if statement in DENIALS else Basis.SESSION)


def _flow(
    location: Location, event: Mapping[str, Any], spoken: Protocol, pair: tuple[Endpoint, Endpoint], raw: str
) -> FlowRecord:
    initiator = _initiator(event, *pair)
    orig, resp = pair if initiator in (None, pair[0]) else (pair[1], pair[0])
    ours, theirs = ("out", "in") if orig == pair[0] else ("in", "out")
    history = str(event.get("connection_info.flag_history") or "")
    half = initiator is None and _is_half(event)
    start = _time_ns(event)
    return FlowRecord(
        location=location,
        source=FORMAT,
        time_ns=start,
        end_ns=max(start, siem.first_time(event.get("end_time"), event.get("time"), start)),
        protocol=spoken,
        orig=orig,
        resp=resp,
        basis=_basis(spoken, history, initiator),
        is_half=half,
        outcome=_outcome(event, initiator),
        orig_packets=siem.count(event.get("traffic.packets" if half else f"traffic.packets_{ours}")),
        resp_packets=siem.count(event.get(f"traffic.packets_{theirs}")),
        orig_bytes=siem.count(event.get("traffic.bytes" if half else f"traffic.bytes_{ours}")),
        resp_bytes=siem.count(event.get(f"traffic.bytes_{theirs}")),
        orig_flags=TcpFlags(siem.count(event.get("connection_info.tcp_flags")) & 0xFF) if half else None,
        state=str(event.get("activity_name") or ""),
        history=history,
        service=_service(event),
        community_id=str(event.get("connection_info.community_uid") or ""),
        flow_id=str(event.get("connection_info.uid") or ""),
        raw=raw,
    )


def _is_half(event: Mapping[str, Any]) -> bool:
    """A cloud's record of one direction: totals and that direction's flags, nothing of the way back."""
    both_ways = ("traffic.bytes_in", "traffic.bytes_out", "traffic.packets_in", "traffic.packets_out")
    return "connection_info.tcp_flags" in event and not any(name in event for name in both_ways)


def _basis(spoken: Protocol, history: str, initiator: Endpoint | None) -> Basis:
    """The letters say what the initiator rests on; without them it is as good as a device's table."""
    if history:
        return basis_of(spoken, history)
    return Basis.FIRST_PACKET if initiator is None else Basis.SESSION


def _outcome(event: Mapping[str, Any], initiator: Endpoint | None) -> Outcome | None:
    """Of the activities only Refuse is the target's own answer. Open may be a permission, Reset a device's, Fail a
    timeout as well as a missing route."""
    is_refused = siem.count(event.get("activity_id")) == REFUSE and initiator is not None
    return Outcome.REFUSED if is_refused else None


def _time_ns(event: Mapping[str, Any]) -> int:
    return siem.first_time(event.get("start_time"), event.get("time"), event.get("time_dt"))


def _service(event: Mapping[str, Any]) -> str:
    return siem.service_name(event.get("dst_endpoint.svc_name")) or siem.service_name(event.get("app_name"))


def _flag_names(flags: int) -> str:
    named = ((SYN, "SYN"), (ACK, "ACK"), (TcpFlags.FIN, "FIN"), (TcpFlags.RST, "RST"))
    return " ".join(name for flag, name in named if flags & flag)
