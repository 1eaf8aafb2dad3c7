"""Suricata EVE: alerts, flows, drops, anomalies, and what the parsers of protocols read.

Field meanings: Suricata's etc/schema.json and output-json*.c. Which addresses an event prints depends on
its type. Alerts, drops and anomalies print the packet's (LOG_DIR_PACKET), so their source may be the server's
side; flows print client and server as the sensor believes them; netflow events are one line a direction, the
sender first. `eve_applications` knows the others. The type `stats` and events without addresses (ARP, damaged
frames) are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

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
from .eve_applications import APPLICATIONS, application
from .source import Source
from .transport import COUNTERPARTS
from .values import BadRecord, endpoint, inner, iso_ns, json_object, number, protocol, read_records, text

FORMAT = "suricata.eve"
# Protocols of UDP whose parsers turn a flow round that began with an answer (app-layer.c, `rdir`).
TURNED = frozenset({"dns", "mdns", "dcerpc", "ike", "nfs"})
# Protocols that are recognised by what only one side says, so that a flow is turned round where it began with the
# other (app-layer.c, app-layer-detect-proto.c). SSH greets alike from both sides; others are known by their port. Of TLS
# flows that began with the server 4 of 4 were seen not to be turned.
DIRECTED = frozenset({"http", "http2", "smtp", "ftp", "smb", "dns", "ldap", "dnp3", "nfs", "ike"})
# Turned by the server's answer to a bind: of 4 flows that were met in the middle all were turned the wrong way (7.0.10).
MISTURNED = "dcerpc"
# The SYN-ACK came from the side that the sensor held for the client (stream-tcp.c).
WRONG_SIDE = frozenset({"stream.3whs_synack_in_wrong_direction"})


class Event(NamedTuple):
    """One event with what all types share: its place, protocol and addresses as printed."""

    location: Location
    values: dict[str, Any]
    protocol: Protocol
    src: Endpoint
    dst: Endpoint
    line: str


def matches(head: bytes) -> bool:
    lines = head.split(b"\n", 20)
    return any(b"{" in line and b'"event_type"' in line for line in lines)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield alerts, flows and application events; other event types are passed over."""
    return read_records(source, problems, _decode)


def _decode(location: Location, line: str) -> Record | None:
    return read_event(location, json_object(line), line)


def read_event(location: Location, values: dict[str, Any], line: str) -> Record | None:
    """Return the record of one event, `line` as it was written; None for an event that is passed over."""
    kind = values.get("event_type")
    if not isinstance(kind, str):
        raise BadRecord("the event has no event_type")
    if kind not in READERS and kind not in APPLICATIONS:
        return None
    spoken = protocol(values.get("proto"))
    if spoken is None:
        return None
    event = Event(location, values, spoken, *_endpoints(values, spoken), line)
    return READERS.get(kind, _application)(event)


def _endpoints(values: dict[str, Any], spoken: Protocol) -> tuple[Endpoint, Endpoint]:
    if spoken is not Protocol.ICMP:
        return endpoint(values.get("src_ip"), values.get("src_port")), endpoint(
            values.get("dest_ip"), values.get("dest_port")
        )
    kind, code = number(values, "icmp_type") & 0xFF, number(values, "icmp_code") & 0xFF
    family = 58 if ":" in text(values, "src_ip") else 1
    answer = COUNTERPARTS.get((family, kind), code)
    return endpoint(values.get("src_ip"), kind), endpoint(values.get("dest_ip"), answer)


def _alert(event: Event) -> Alert:
    alert, flow = inner(event.values, "alert"), inner(event.values, "flow")
    orig, resp = _flow_tuple(flow, event.protocol)
    return Alert(
        protocol=event.protocol,
        src=event.src,
        dst=event.dst,
        location=event.location,
        source="suricata.alert",
        time_ns=iso_ns(event.values.get("timestamp")),
        sid=number(alert, "signature_id") or None,
        gid=number(alert, "gid") or 1,
        rev=number(alert, "rev") or None,
        message=text(alert, "signature"),
        category=text(alert, "category"),
        severity=number(alert, "severity") or None,
        action=text(alert, "action"),
        verdict=text(inner(event.values, "verdict"), "action"),
        direction=text(event.values, "direction"),
        flow_orig=orig,
        flow_resp=resp,
        basis=_alert_basis(_service(event.values)) if orig else Basis.FIRST_PACKET,
        community_id=text(event.values, "community_id"),
        flow_id=str(event.values.get("flow_id", "")),
        raw=event.line,
    )


def _alert_basis(service: str) -> Basis:
    """What the flow's own tuple within an alert rests on."""
    if service == MISTURNED:
        return Basis.ARBITRARY
    return Basis.PARSER if service in DIRECTED else Basis.FIRST_PACKET


def _flow_tuple(flow: dict[str, Any], spoken: Protocol) -> tuple[Endpoint | None, Endpoint | None]:
    """The session's own addresses inside an alert (Suricata 7), client first. ICMP flows have none."""
    if spoken is Protocol.ICMP or "src_port" not in flow or "dest_port" not in flow:
        return None, None
    return endpoint(flow.get("src_ip"), flow.get("src_port")), endpoint(
        flow.get("dest_ip"), flow.get("dest_port")
    )


def _flow(event: Event) -> FlowRecord:
    flow, tcp = inner(event.values, "flow"), inner(event.values, "tcp")
    start = iso_ns(flow.get("start", event.values.get("timestamp")))
    orig_flags, resp_flags = _flags(tcp, "tcp_flags_ts"), _flags(tcp, "tcp_flags_tc")
    service = _service(event.values)
    return FlowRecord(
        location=event.location,
        source="suricata.flow",
        time_ns=start,
        end_ns=iso_ns(flow["end"]) if "end" in flow else start,
        protocol=event.protocol,
        orig=event.src,
        resp=event.dst,
        orig_packets=number(flow, "pkts_toserver"),
        resp_packets=number(flow, "pkts_toclient"),
        orig_bytes=number(flow, "bytes_toserver"),
        resp_bytes=number(flow, "bytes_toclient"),
        basis=_basis(event.protocol, service, orig_flags, resp_flags),
        orig_flags=orig_flags,
        resp_flags=resp_flags,
        state=text(tcp, "state") or text(flow, "state"),
        service=service,
        community_id=text(event.values, "community_id"),
        flow_id=str(event.values.get("flow_id", "")),
        raw=event.line,
    )


@lru_cache(maxsize=4096)
def _basis(spoken: Protocol, service: str, orig_flags: TcpFlags | None, resp_flags: TcpFlags | None) -> Basis:
    """Flags are ORed over one direction. A flow that is picked up at its SYN-ACK is swapped (stream-tcp.c)."""
    if spoken is Protocol.UDP:
        return Basis.TRACKED if service in TURNED else Basis.FIRST_PACKET
    if orig_flags and orig_flags & TcpFlags.SYN:
        return Basis.HANDSHAKE
    if resp_flags and resp_flags & TcpFlags.SYN and resp_flags & TcpFlags.ACK:
        return Basis.SYN_ACK
    return Basis.FIRST_PACKET


def _netflow(event: Event) -> FlowRecord | None:
    """One direction. The client's is written even where it sent nothing, and then says nothing."""
    flow = inner(event.values, "netflow")
    if not number(flow, "pkts"):
        return None
    start = iso_ns(flow.get("start", event.values.get("timestamp")))
    return FlowRecord(
        location=event.location,
        source="suricata.netflow",
        time_ns=start,
        end_ns=iso_ns(flow["end"]) if "end" in flow else start,
        protocol=event.protocol,
        orig=event.src,
        resp=event.dst,
        is_half=True,
        orig_packets=number(flow, "pkts"),
        orig_bytes=number(flow, "bytes"),
        orig_flags=_flags(inner(event.values, "tcp"), "tcp_flags"),
        service=_service(event.values),
        community_id=text(event.values, "community_id"),
        flow_id=str(event.values.get("flow_id", "")),
        raw=event.line,
    )


def _flags(tcp: dict[str, Any], key: str) -> TcpFlags | None:
    """Flags are ORed over one direction and written in hexadecimal."""
    return _read_flags(text(tcp, key))


@lru_cache(maxsize=1024)
def _read_flags(written: str) -> TcpFlags | None:
    try:
        return TcpFlags(int(written, 16) & 0xFF)
    except ValueError:
        return None


def _service(values: dict[str, Any]) -> str:
    service = text(values, "app_proto")
    return "" if service == "failed" else service


def _drop(event: Event) -> LogRecord:
    """A packet that the sensor did not let pass. Its source asked where it is a SYN, and answered where a SYN-ACK."""
    drop = inner(event.values, "drop")
    flags = " ".join(name.upper() for name in ("syn", "ack", "fin", "rst", "psh") if drop.get(name) is True)
    orig = {"SYN": event.src, "SYN ACK": event.dst}.get(flags)
    return _packet_record(
        event,
        Statement.DENIED,
        orig,
        Basis.REPLY if orig == event.dst else Basis.DENIED_PACKET,
        {"flags": flags, "reason": text(drop, "reason"), "word": "drop"},
    )


def _anomaly(event: Event) -> LogRecord:
    """What was odd. One event of the stream engine tells that a flow's sides are held the wrong way round."""
    anomaly = inner(event.values, "anomaly")
    told = text(anomaly, "event")
    is_reply = told in WRONG_SIDE
    orig = event.dst if is_reply else None
    fields = {"event": told, "flags": "SYN ACK" if is_reply else ""}
    return _packet_record(event, Statement.SEEN, orig, Basis.REPLY, fields)


def _packet_record(
    event: Event, statement: Statement, orig: Endpoint | None, basis: Basis, fields: dict[str, str]
) -> LogRecord:
    return LogRecord(
        location=event.location,
        source=f"suricata.{text(event.values, 'event_type')}",
        time_ns=iso_ns(event.values.get("timestamp")),
        protocol=event.protocol,
        src=event.src,
        dst=event.dst,
        statement=statement,
        orig=orig,
        resp=None if orig is None else event.src if orig == event.dst else event.dst,
        basis=basis,
        community_id=text(event.values, "community_id"),
        flow_id=str(event.values.get("flow_id", "")),
        fields={name: value for name, value in fields.items() if value},
        raw=event.line,
    )


def _application(event: Event) -> LogRecord:
    read = application(event.values, event.protocol, event.src, event.dst)
    return LogRecord(
        location=event.location,
        source=f"suricata.{text(event.values, 'event_type')}",
        time_ns=iso_ns(event.values.get("timestamp")),
        protocol=event.protocol,
        src=event.src,
        dst=event.dst,
        statement=read.statement,
        orig=read.client,
        resp=None if read.client is None else event.src if read.client == event.dst else event.dst,
        basis=read.basis,
        service=read.service,
        community_id=text(event.values, "community_id"),
        flow_id=str(event.values.get("flow_id", "")),
        fields=read.fields,
        raw=event.line,
    )


READERS: dict[str, Callable[[Event], Record | None]] = {
    "alert": _alert,
    "flow": _flow,
    "netflow": _netflow,
    "drop": _drop,
    "anomaly": _anomaly,
}
