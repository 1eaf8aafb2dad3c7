"""Splunk's Common Information Model: result rows of Network Traffic and of Intrusion Detection.

Source: Splunk Common Information Model Add-on manual, Network Traffic and Intrusion Detection. `src` and `dest` are
what the add-on of the product made them; there is no field for who opened the conversation. `teardown` is the end
of a session, which need not have stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..types import Alert, Endpoint, Location, Problem, Protocol, Record, Statement
from . import siem
from .documents import read_objects
from .rows import event_of, has_signs, words
from .source import Source
from .values import BadRecord, address

FORMAT = "splunk.cim"
ROW = re.compile(rb'"(?:_time|_raw|sourcetype|_indextime)"\s*:')
SRC = re.compile(rb'"src(?:_ip)?"\s*:')
DEST = re.compile(rb'"dest(?:_ip)?"\s*:')
CISCO = "cisco:asa"


def matches(head: bytes) -> bool:
    return has_signs(head, ROW, SRC, DEST)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield detections as alerts and the rest as statements; rows without two addresses are passed over."""
    return read_objects(source, problems, _decode)


def _decode(location: Location, row: dict[str, Any], raw: str) -> Record | None:
    event = event_of(row)
    src_ip, dst_ip = _ip(event, "src"), _ip(event, "dest")
    if not src_ip or not dst_ip:
        return None
    spoken = siem.spoken_protocol(event.get("transport") or event.get("proto"))
    if spoken is None:
        return None
    ends = siem.ends(
        spoken,
        (src_ip, event.get("src_port")),
        (dst_ip, event.get("dest_port")),
        event.get("icmp_type"),
        event.get("icmp_code"),
    )
    time_ns = siem.first_time(event.get("_time"), event.get("timestamp"), row.get("time"))
    if event.get("signature") and (event.get("ids_type") or siem.is_detection(words(event.get("tag")))):
        return _alert(location, event, time_ns, spoken, ends, raw)
    return _statement(location, event, time_ns, spoken, ends, raw)


def _ip(event: Mapping[str, Any], side: str) -> str:
    """The add-on may put a name where an address is not known: such a row cannot be tied to a conversation."""
    for name in (f"{side}_ip", side):
        try:
            return address(event.get(name))
        except BadRecord:
            continue
    return ""


def _alert(
    location: Location,
    event: Mapping[str, Any],
    time_ns: int,
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    raw: str,
) -> Alert:
    texts = {name: str(event.get(name) or "") for name in ("signature", "category", "action")}
    return Alert(
        protocol=spoken,
        src=ends[0],
        dst=ends[1],
        location=location,
        source="splunk.alert",
        time_ns=time_ns,
        sid=siem.signature_id(event.get("signature_id")),
        message=texts["signature"],
        category=texts["category"],
        severity=siem.severity(event.get("severity_id")),
        action=texts["action"],
        raw=raw,
    )


def _statement(
    location: Location,
    event: Mapping[str, Any],
    time_ns: int,
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    raw: str,
) -> Record:
    action = str(event.get("action") or "")
    fields = {
        "action": action,
        "word": action,
        "acl": event.get("rule", ""),
        "flags": event.get("tcp_flag", ""),
        "user": event.get("user", ""),
        "direction": event.get("direction", ""),
        "product": event.get("vendor_product", ""),
        "reason": event.get("reason", ""),
        "bytes": event.get("bytes", ""),
        "duration": event.get("duration", ""),
        "connection": event.get("session_id", ""),
        "status": event.get("status", ""),
    }
    return siem.statement_record(
        location,
        FORMAT,
        time_ns,
        spoken,
        ends,
        _said(event, action),
        fields,
        service=siem.service_name(event.get("app")),
        translated=_views(*ends, event),
        raw=raw,
    )


def _said(event: Mapping[str, Any], action: str) -> Statement:
    """Cisco ASA counts bytes of payload, so its teardown with bytes, or with a reason, says how the session went;
    of other products only that it was seen."""
    if action.lower() != "teardown":
        return siem.statement_of(action)
    is_telling = event.get("sourcetype") == CISCO and (event.get("reason") or siem.count(event.get("bytes")))
    return Statement.CLOSED if is_telling else Statement.SEEN


def _views(src: Endpoint, dst: Endpoint, event: Mapping[str, Any]) -> tuple[tuple[Endpoint, Endpoint], ...]:
    def to(side: str) -> tuple[object, object]:
        return event.get(f"{side}_translated_ip"), event.get(f"{side}_translated_port")

    return siem.views(src, dst, (to("src"), to("dest")))
