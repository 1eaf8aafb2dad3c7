"""IPFIX records as JSON, under the names of IANA's information elements.

Source: RFC 7011, RFC 5103 and IANA's registry of IPFIX Information Elements. A record with reverse elements tells
both directions, and `biflowDirection` (239) says what its source is: 1 the initiator, 2 the other side, 3 the side
outside of a perimeter, 0 nothing. `flowDirection` (61) is that of the interface. Without reverse elements the
source is the sender of that direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..types import LAST_NS, Basis, Endpoint, FlowRecord, Location, Problem, Protocol, Record, TcpFlags, Views
from .documents import holds_objects, read_objects
from .icmp import message_ends
from .netflow import count, ends_of, firewall_event, flags_of, translated
from .source import Source
from .values import NS, BadRecord, iso_ns, protocol

FORMAT = "ipfix"
UNITS = {"Seconds": NS, "Milliseconds": 10**6, "Microseconds": 10**3, "Nanoseconds": 1}
# IANA, flowEndReason (136).
REASONS = {1: "idle timeout", 2: "active timeout", 3: "end of flow", 4: "forced end", 5: "lack of resources"}
INITIATOR, REVERSE_INITIATOR = 1, 2


def matches(head: bytes) -> bool:
    has_address = b'"sourceIPv4Address"' in head or b'"sourceIPv6Address"' in head
    return has_address and b'"protocolIdentifier"' in head and holds_objects(head)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    return read_objects(source, problems, _decode)


def _decode(location: Location, record: dict[str, Any], raw: str) -> Record | None:
    spoken = protocol(record.get("protocolIdentifier"))
    if spoken is None:
        return None
    ends = _ends(record, spoken)
    start = _time_ns(record, "flowStart") or _time_ns(record, "observationTime")
    if start is None:
        raise BadRecord("the time is missing or cannot be read")
    sizes = (_size(record, ""), _size(record, "reverse"))
    event = count(record.get("firewallEvent"))
    if event:
        return firewall_event(
            location,
            "ipfix.event",
            event,
            time_ns=start,
            spoken=spoken,
            ends=ends,
            sizes=sizes,
            translated=_translated(record, ends),
            raw=raw,
        )
    flow = FlowRecord(
        location=location,
        source=FORMAT,
        time_ns=start,
        end_ns=max(start, _time_ns(record, "flowEnd") or 0),
        protocol=spoken,
        orig=ends[0],
        resp=ends[1],
        is_half=not any(key.startswith("reverse") for key in record) and "biflowDirection" not in record,
        is_sampled=count(record.get("samplingInterval")) > 1 or count(record.get("samplingPacketSpace")) > 0,
        observer=f"{record.get('exporterIPv4Address', record.get('exporterIPv6Address', ''))} "
        f"{record.get('observationDomainId', '')}/{record.get('flowDirection', '')}",
        orig_packets=_packets(record, ""),
        resp_packets=_packets(record, "reverse"),
        orig_bytes=sizes[0],
        resp_bytes=sizes[1],
        orig_flags=_flags(record, "tcpControlBits", spoken),
        resp_flags=_flags(record, "reverseTcpControlBits", spoken),
        state=REASONS.get(count(record.get("flowEndReason")), ""),
        raw=raw,
    )
    return flow if flow.is_half else _with_roles(flow, count(record.get("biflowDirection")))


def _with_roles(flow: FlowRecord, direction: int) -> FlowRecord:
    """RFC 5103, 6.3: initiator and reverse initiator are the exporter's best effort; a SYN among the initiator's
    flags is what it saw."""
    if direction == REVERSE_INITIATOR:
        flow = replace(
            flow,
            orig=flow.resp,
            resp=flow.orig,
            orig_packets=flow.resp_packets,
            resp_packets=flow.orig_packets,
            orig_bytes=flow.resp_bytes,
            resp_bytes=flow.orig_bytes,
            orig_flags=flow.resp_flags,
            resp_flags=flow.orig_flags,
        )
    elif direction != INITIATOR:
        return replace(flow, basis=Basis.ARBITRARY)
    saw_syn = bool(flow.orig_flags and flow.orig_flags & TcpFlags.SYN)
    return replace(flow, basis=Basis.HANDSHAKE if saw_syn else Basis.TRACKED)


def _ends(record: dict[str, Any], spoken: Protocol) -> tuple[Endpoint, Endpoint]:
    src = record.get("sourceIPv4Address", record.get("sourceIPv6Address"))
    dst = record.get("destinationIPv4Address", record.get("destinationIPv6Address"))
    if spoken is not Protocol.ICMP:
        ports = record.get("sourceTransportPort"), record.get("destinationTransportPort")
        return ends_of(spoken, src, ports[0], dst, ports[1])
    suffix = "IPv6" if "sourceIPv6Address" in record else "IPv4"
    if f"icmpType{suffix}" in record:
        return message_ends(src, dst, record[f"icmpType{suffix}"], record.get(f"icmpCode{suffix}", 0))
    both = record.get(f"icmpTypeCode{suffix}", record.get("destinationTransportPort"))
    return ends_of(spoken, src, 0, dst, both)


def _translated(record: dict[str, Any], ends: tuple[Endpoint, Endpoint]) -> Views:
    """IANA's elements 225 to 228, and 281 and 282 for IPv6."""
    addresses = [
        record.get(f"postNAT{way}IPv4Address", record.get(f"postNAT{way}IPv6Address"))
        for way in ("Source", "Destination")
    ]
    ports = [record.get(f"postNAPT{way}TransportPort") for way in ("Source", "Destination")]
    return translated(ends, (addresses[0], addresses[1]), (ports[0], ports[1]))


def _time_ns(record: dict[str, Any], name: str) -> int | None:
    """Return a time, whose unit is in the element's name: a number of units, or ISO 8601 text."""
    for unit, size in UNITS.items():
        value = record.get(name + unit)
        if isinstance(value, str) and not value.isdecimal():
            return iso_ns(value)
        if value is not None:
            time_ns = count(value) * size
            if not 0 < time_ns <= LAST_NS:
                raise BadRecord("the time is not possible")
            return time_ns
    return None


def _packets(record: dict[str, Any], way: str) -> int:
    return count(_counted(record, way, "packet"))


def _size(record: dict[str, Any], way: str) -> int:
    return count(_counted(record, way, "octet"))


def _counted(record: dict[str, Any], way: str, what: str) -> object:
    """Total and delta counts are elements of their own; an exporter sends one of them."""
    names = (f"{what}TotalCount", f"{what}DeltaCount")
    keys = [way + name[0].upper() + name[1:] if way else name for name in names]
    return next((record[key] for key in keys if key in record), None)


def _flags(record: dict[str, Any], key: str, spoken: Protocol) -> TcpFlags | None:
    return flags_of(record.get(key)) if spoken is Protocol.TCP else None
