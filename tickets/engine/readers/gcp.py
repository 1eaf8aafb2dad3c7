"""Google Cloud: VPC flow logs and firewall rules logging, as Cloud Logging exports them.

Source: Google Cloud, "VPC Flow Logs record format" and "Firewall Rules Logging". A flow record tells one direction
of a sample of the packets, as the machine at one end saw it (`reporter` SRC or DEST), so both ends may tell the
same. A firewall record tells one connection; its source is the side that asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..types import Basis, Endpoint, FlowRecord, Location, LogRecord, Problem, Protocol, Record, Statement
from .documents import holds_objects, read_objects
from .icmp import message_ends
from .netflow import count
from .source import Source
from .values import BadRecord, address, endpoint, inner, iso_ns, protocol, text

FORMAT = "gcp"
FLOWS, FIREWALL = "gcp.vpc_flows", "gcp.firewall"
STATEMENTS = {"ALLOWED": Statement.ALLOWED, "DENIED": Statement.DENIED}
WORDS = {"INGRESS": "inbound", "EGRESS": "outbound"}


def matches(head: bytes) -> bool:
    has_tuple = all(name in head for name in (b'"connection"', b'"src_ip"', b'"dest_ip"'))
    is_cloud = b'"reporter"' in head or b'"rule_details"' in head
    return has_tuple and is_cloud and holds_objects(head)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield flows and the firewall's decisions; other entries of the same log are passed over."""
    return read_objects(source, problems, _decode)


def _decode(location: Location, entry: dict[str, Any], raw: str) -> Record | None:
    payload = inner(entry, "jsonPayload") or entry
    connection = inner(payload, "connection")
    if not connection:
        return None
    spoken = protocol(connection.get("protocol"))
    if spoken is None:
        return None
    src, dst = _ends(connection, spoken)
    if "disposition" in payload:
        return _decision(location, entry, payload, raw, spoken, src, dst)
    return _flow(location, entry, payload, raw, spoken, src, dst)


def _ends(connection: dict[str, Any], spoken: Protocol) -> tuple[Endpoint, Endpoint]:
    src, dst = connection.get("src_ip"), connection.get("dest_ip")
    if spoken is not Protocol.ICMP:
        return endpoint(src, connection.get("src_port")), endpoint(dst, connection.get("dest_port"))
    icmp = inner(connection, "icmp")
    if not icmp:
        return Endpoint(address(src), 0), Endpoint(address(dst), 0)
    return message_ends(src, dst, icmp.get("type"), icmp.get("code", 0))


def _flow(
    location: Location,
    entry: dict[str, Any],
    payload: dict[str, Any],
    raw: str,
    spoken: Protocol,
    src: Endpoint,
    dst: Endpoint,
) -> FlowRecord:
    start = iso_ns(payload.get("start_time", entry.get("timestamp")))
    reporter = text(payload, "reporter")
    machine = inner(payload, "src_instance" if reporter.startswith("SRC") else "dest_instance")
    return FlowRecord(
        location=location,
        source=FLOWS,
        time_ns=start,
        end_ns=max(start, iso_ns(payload["end_time"])) if "end_time" in payload else start,
        protocol=spoken,
        orig=src,
        resp=dst,
        is_half=True,
        is_sampled=True,
        observer=f"{text(machine, 'project_id')} {text(machine, 'vm_name') or reporter}",
        orig_packets=count(payload.get("packets_sent")),
        orig_bytes=count(payload.get("bytes_sent")),
        state=f"reporter {reporter}" if reporter else "",
        raw=raw,
    )


def _decision(
    location: Location,
    entry: dict[str, Any],
    payload: dict[str, Any],
    raw: str,
    spoken: Protocol,
    src: Endpoint,
    dst: Endpoint,
) -> LogRecord:
    said, rule = text(payload, "disposition"), inner(payload, "rule_details")
    if said not in STATEMENTS:
        raise BadRecord(f"{said[:40]!r} is no disposition")
    words = {"word": WORDS.get(text(rule, "direction"), ""), "action": said, "acl": text(rule, "reference")}
    return LogRecord(
        location=location,
        source=FIREWALL,
        time_ns=iso_ns(entry.get("timestamp")),
        protocol=spoken,
        src=src,
        dst=dst,
        statement=STATEMENTS[said],
        orig=src,
        resp=dst,
        basis=Basis.DENIED_PACKET if said == "DENIED" else Basis.SESSION,
        fields={name: value for name, value in words.items() if value},
        raw=raw,
    )
