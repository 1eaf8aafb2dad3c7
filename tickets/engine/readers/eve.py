"""Suricata EVE: alerts, flows, and the application events whose addresses are the flow's.

Field meanings: Suricata's schema.json and output-json*.c. An alert's addresses are the packet's
(output-json-alert.c, LOG_DIR_PACKET); a flow's are client and server as the sensor believed them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
    TcpFlags,
)
from .source import Source
from .transport import COUNTERPARTS
from .values import BadRecord, endpoint, inner, iso_ns, json_object, number, protocol, read_records, text

FORMAT = "suricata.eve"
# Events that are written with the flow's direction (LOG_DIR_FLOW). fileinfo and mqtt are not:
# they use the direction in which the file or message travelled.
FLOW_EVENTS = frozenset({"http", "tls", "ssh", "smb", "smtp", "dcerpc", "pgsql", "quic"})


def matches(head: bytes) -> bool:
    lines = head.split(b"\n", 20)
    return any(line.lstrip().startswith(b"{") and b'"event_type"' in line for line in lines)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield alerts, flows and application events; other event types are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> Record | None:
    return read_event(location, json_object(line), line)


def read_event(location: Location, event: dict[str, Any], line: str) -> Record | None:
    """Return the record of one event, `line` as it was written; None for an event that is passed over."""
    kind = event.get("event_type")
    if not isinstance(kind, str):
        raise BadRecord("the event has no event_type")
    if kind not in FLOW_EVENTS and kind not in ("alert", "flow", "dns"):
        return None
    spoken = protocol(event.get("proto"))
    if spoken is None:
        return None
    src, dst = _endpoints(event, spoken)
    if kind == "alert":
        return _alert(location, event, spoken, src, dst, line)
    if kind == "flow":
        return _flow(location, event, spoken, src, dst, line)
    return _application(location, event, spoken, src, dst, line)


def _endpoints(event: dict[str, Any], spoken: Protocol) -> tuple[Endpoint, Endpoint]:
    if spoken is not Protocol.ICMP:
        return endpoint(event.get("src_ip"), event.get("src_port")), endpoint(
            event.get("dest_ip"), event.get("dest_port")
        )
    kind, code = number(event, "icmp_type") & 0xFF, number(event, "icmp_code") & 0xFF
    family = 58 if ":" in text(event, "src_ip") else 1
    answer = COUNTERPARTS.get((family, kind), code)
    return endpoint(event.get("src_ip"), kind), endpoint(event.get("dest_ip"), answer)


def _alert(
    location: Location, event: dict[str, Any], spoken: Protocol, src: Endpoint, dst: Endpoint, line: str
) -> Alert:
    alert, flow = inner(event, "alert"), inner(event, "flow")
    orig, resp = _flow_tuple(flow, spoken)
    return Alert(
        protocol=spoken,
        src=src,
        dst=dst,
        location=location,
        source="suricata.alert",
        time_ns=iso_ns(event.get("timestamp")),
        sid=number(alert, "signature_id") or None,
        gid=number(alert, "gid") or 1,
        rev=number(alert, "rev") or None,
        message=text(alert, "signature"),
        category=text(alert, "category"),
        severity=number(alert, "severity") or None,
        action=text(alert, "action"),
        direction=text(event, "direction"),
        flow_orig=orig,
        flow_resp=resp,
        community_id=text(event, "community_id"),
        flow_id=str(event.get("flow_id", "")),
        raw=line,
    )


def _flow_tuple(flow: dict[str, Any], spoken: Protocol) -> tuple[Endpoint | None, Endpoint | None]:
    """The session's own addresses inside an alert (Suricata 7), client first. ICMP flows have none."""
    if spoken is Protocol.ICMP or "src_port" not in flow or "dest_port" not in flow:
        return None, None
    return endpoint(flow.get("src_ip"), flow.get("src_port")), endpoint(
        flow.get("dest_ip"), flow.get("dest_port")
    )


def _flow(
    location: Location, event: dict[str, Any], spoken: Protocol, src: Endpoint, dst: Endpoint, line: str
) -> FlowRecord:
    flow, tcp = inner(event, "flow"), inner(event, "tcp")
    start = iso_ns(flow.get("start", event.get("timestamp")))
    orig_flags = _flags(tcp, "tcp_flags_ts")
    return FlowRecord(
        location=location,
        source="suricata.flow",
        time_ns=start,
        end_ns=iso_ns(flow["end"]) if "end" in flow else start,
        protocol=spoken,
        orig=src,
        resp=dst,
        orig_packets=number(flow, "pkts_toserver"),
        resp_packets=number(flow, "pkts_toclient"),
        orig_bytes=number(flow, "bytes_toserver"),
        resp_bytes=number(flow, "bytes_toclient"),
        basis=Basis.HANDSHAKE if orig_flags and orig_flags & TcpFlags.SYN else Basis.FIRST_PACKET,
        orig_flags=orig_flags,
        resp_flags=_flags(tcp, "tcp_flags_tc"),
        state=text(tcp, "state") or text(flow, "state"),
        service=_service(event),
        community_id=text(event, "community_id"),
        flow_id=str(event.get("flow_id", "")),
        raw=line,
    )


def _flags(tcp: dict[str, Any], key: str) -> TcpFlags | None:
    """Flags are ORed over one direction and written in hexadecimal."""
    try:
        return TcpFlags(int(text(tcp, key), 16) & 0xFF)
    except ValueError:
        return None


def _service(event: dict[str, Any]) -> str:
    service = text(event, "app_proto")
    return "" if service == "failed" else service


def _application(
    location: Location, event: dict[str, Any], spoken: Protocol, src: Endpoint, dst: Endpoint, line: str
) -> LogRecord:
    kind = text(event, "event_type")
    is_answer = kind == "dns" and _is_packet_of_answer(inner(event, "dns"))
    return LogRecord(
        location=location,
        source=f"suricata.{kind}",
        time_ns=iso_ns(event.get("timestamp")),
        protocol=spoken,
        src=src,
        dst=dst,
        statement=Statement.SEEN,
        orig=dst if is_answer else src,
        resp=src if is_answer else dst,
        basis=Basis.PARSER,
        service=kind,
        community_id=text(event, "community_id"),
        fields=_application_fields(kind, inner(event, kind)),
        raw=line,
    )


def _is_packet_of_answer(dns: dict[str, Any]) -> bool:
    """Version 3 (Suricata 8) prints the packet's addresses, so an answer comes from the server; version 2 the flow's."""
    return dns.get("version") == 3 and dns.get("type") == "response"


def _application_fields(kind: str, details: dict[str, Any]) -> dict[str, str]:
    wanted = {
        "http": ("http_method", "hostname", "url", "status"),
        "tls": ("sni", "version", "subject"),
        "dns": ("type", "rrname", "rcode"),
    }
    names = wanted.get(kind, ())
    return {name: str(details[name]) for name in names if isinstance(details.get(name), str | int)}
