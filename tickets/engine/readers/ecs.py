"""Elastic Common Schema: events of any product as Beats, Logstash and Elastic's integrations map them.

Source: Elastic Common Schema reference. `source` and `destination` are a packet's or an event's sides; `client` and
`server` are who opened and who answered, where the integration fills them. `network.direction` is seen from a host
or a perimeter, and `event.outcome` is the producer's own success, not the target's answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..types import Alert, Basis, Endpoint, FlowRecord, Location, Problem, Protocol, Record, Statement
from . import siem
from .documents import read_objects
from .history import basis_of
from .rows import event_of, flattened, has_signs, words
from .source import Source

FORMAT = "ecs"
TIME = re.compile(rb'"@timestamp"\s*:|"ecs(?:\.version)?"\s*:')
SIDES = re.compile(
    rb'"(?:source|destination|client|server)(?:"\s*:\s*\{[^{}]*"(?:ip|address)"|\.(?:ip|address)"\s*:)'
)
EVENT = re.compile(rb'"event(?:\.[a-z]{1,20})?"\s*:')
DENIED, ALLOWED = "denied", "allowed"
COUNTS = ("source.bytes", "destination.bytes", "source.packets", "destination.packets")


def matches(head: bytes) -> bool:
    return has_signs(head, TIME, SIDES, EVENT)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield alerts, flows and statements; events without two addresses are passed over."""
    return read_objects(source, problems, _decode)


def _decode(location: Location, row: dict[str, Any], raw: str) -> Record | None:
    event = flattened(event_of(row))
    if not _ip(event, "source") or not _ip(event, "destination"):
        if not _ip(event, "client") or not _ip(event, "server"):
            return None
        sides = ("client", "server")
    else:
        sides = ("source", "destination")
    transport = event.get("network.transport") or event.get("network.iana_number")
    spoken = siem.spoken_protocol(transport)
    if spoken is None:
        return None
    ends = _ends(event, spoken, *sides)
    roles = _ends(event, spoken, "client", "server") if _has_roles(event) else None
    if roles is not None and set(roles) != set(ends):
        roles = None  # a proxy's client and server are other hosts than its packet's
    if event.get("event.kind") == "alert":
        return _alert(location, event, spoken, ends, roles, raw)
    kinds = words(event.get("event.type"))
    if DENIED not in kinds and ALLOWED not in kinds and any(siem.count(event.get(name)) for name in COUNTS):
        return _flow(location, event, spoken, ends, roles, raw)
    return _statement(location, event, spoken, ends, roles, raw)


def _ip(event: Mapping[str, Any], side: str) -> object:
    return event.get(f"{side}.ip") or event.get(f"{side}.address")


def _has_roles(event: Mapping[str, Any]) -> bool:
    return bool(_ip(event, "client") and _ip(event, "server"))


def _ends(event: Mapping[str, Any], spoken: Protocol, src: str, dst: str) -> tuple[Endpoint, Endpoint]:
    one, other = ((_ip(event, side), event.get(f"{side}.port")) for side in (src, dst))
    return siem.ends(spoken, one, other, event.get("icmp.type"), event.get("icmp.code"))


def _time_ns(event: Mapping[str, Any]) -> int:
    return siem.first_time(event.get("event.start"), event.get("@timestamp"), event.get("event.created"))


def _alert(
    location: Location,
    event: Mapping[str, Any],
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    roles: tuple[Endpoint, Endpoint] | None,
    raw: str,
) -> Alert:
    category = event.get("rule.category")
    return Alert(
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        location=location,
        source="ecs.alert",
        time_ns=siem.first_time(event.get("@timestamp"), event.get("event.start")),
        sid=siem.signature_id(event.get("rule.id")),
        message=_text(event.get("rule.name")) or _text(event.get("message")),
        category=category if isinstance(category, str) else "",
        severity=siem.severity(event.get("event.severity")),
        action=_text(event.get("event.action")) or ", ".join(words(event.get("event.type"))),
        flow_orig=roles[0] if roles else None,
        flow_resp=roles[1] if roles else None,
        basis=_stated_basis(roles),
        community_id=_text(event.get("network.community_id")),
        raw=raw,
    )


def _flow(
    location: Location,
    event: Mapping[str, Any],
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    roles: tuple[Endpoint, Endpoint] | None,
    raw: str,
) -> FlowRecord:
    """Counts are the sides' own, whichever of them opened."""
    orig, resp = roles or ends
    ours, theirs = ("source", "destination") if orig == ends[0] else ("destination", "source")
    history = _text(event.get("zeek.connection.history"))
    start = _time_ns(event)
    return FlowRecord(
        location=location,
        source="ecs.flow",
        time_ns=start,
        end_ns=max(start, start + siem.count(event.get("event.duration"))),
        protocol=spoken,
        orig=orig,
        resp=resp,
        basis=basis_of(spoken, history) if history else _stated_basis(roles),
        orig_packets=siem.count(event.get(f"{ours}.packets")),
        resp_packets=siem.count(event.get(f"{theirs}.packets")),
        orig_bytes=siem.count(event.get(f"{ours}.bytes")),
        resp_bytes=siem.count(event.get(f"{theirs}.bytes")),
        state=_text(event.get("zeek.connection.state")),
        history=history,
        service=siem.service_name(event.get("network.protocol") or event.get("network.application")),
        community_id=_text(event.get("network.community_id")),
        raw=raw,
    )


def _stated_basis(roles: tuple[Endpoint, Endpoint] | None) -> Basis:
    return Basis.PARSER if roles else Basis.FIRST_PACKET


def _statement(
    location: Location,
    event: Mapping[str, Any],
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    roles: tuple[Endpoint, Endpoint] | None,
    raw: str,
) -> Record:
    kinds, action = words(event.get("event.type")), _text(event.get("event.action"))
    said = siem.statement_of(" ".join(kinds))
    statement = siem.statement_of(action) if said is Statement.DENIED and "reset" in action.lower() else said
    record = siem.statement_record(
        location,
        FORMAT,
        _time_ns(event),
        spoken,
        ends,
        statement,
        {
            "action": action,
            "word": action or ", ".join(kinds),
            "reason": _text(event.get("event.reason")),
            "acl": _text(event.get("rule.name")),
            "direction": _text(event.get("network.direction")),
            "module": _text(event.get("event.module")),
            "status": event.get("http.response.status_code", ""),
            "user": _text(event.get("user.name")),
        },
        service=siem.service_name(event.get("network.protocol") or event.get("network.application")),
        translated=_views(*ends, event),
        community_id=_text(event.get("network.community_id")),
        raw=raw,
    )
    return record if roles is None else siem.opened_by(record, roles[0], Basis.PARSER)


def _views(src: Endpoint, dst: Endpoint, event: Mapping[str, Any]) -> tuple[tuple[Endpoint, Endpoint], ...]:
    def to(side: str) -> tuple[object, object]:
        return event.get(f"{side}.nat.ip"), event.get(f"{side}.nat.port")

    return siem.views(src, dst, (to("source"), to("destination")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
