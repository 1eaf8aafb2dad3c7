"""NetFlow, IPFIX and NSEL as nfdump's JSON: an array of objects, or one a line (ndjson).

Source: nfdump's output_json.c and output_ndjson.c. The source is the sender of that direction; of a firewall's
EVENT it is the side that asked. `direction` is that of the interface, not of the conversation. Times are local
and carry no zone: they are read as UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..types import Endpoint, Location, Problem, Protocol, Record, Views
from .documents import holds_objects, read_objects
from .icmp import message_ends
from .netflow import count, ends_of, firewall_event, flags_of, translated, translation_event, unidirectional
from .source import Source
from .values import BadRecord, iso_ns, protocol, text

FORMAT = "nfdump.json"


def matches(head: bytes) -> bool:
    has_address = b'"src4_addr"' in head or b'"src6_addr"' in head
    return has_address and b'"in_packets"' in head and holds_objects(head)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    return read_objects(source, problems, _decode)


def _decode(location: Location, record: dict[str, Any], raw: str) -> Record | None:
    kind = record.get("type")
    if kind not in ("FLOW", "EVENT"):
        raise BadRecord("the record is neither a FLOW nor an EVENT")
    spoken = protocol(record.get("proto"))
    if spoken is None:
        return None
    ends = _ends(record, spoken)
    start = iso_ns(record.get("first"))
    packets = (count(record.get("in_packets")), count(record.get("out_packets")))
    sizes = (count(record.get("in_bytes")), count(record.get("out_bytes")))
    if kind == "EVENT" and not count(record.get("event_id")):
        return translation_event(
            location,
            "nfdump.event",
            count(record.get("nat_event_id")),
            time_ns=start,
            spoken=spoken,
            ends=ends,
            translated=_translated(record, ends),
            raw=raw,
        )
    if kind == "EVENT":
        return firewall_event(
            location,
            "nfdump.event",
            count(record.get("event_id")),
            time_ns=start,
            spoken=spoken,
            ends=ends,
            sizes=sizes,
            extended=count(record.get("xevent_id")),
            translated=_translated(record, ends),
            raw=raw,
        )
    router = text(record, "ip4_router") or text(record, "ip6_router")
    return unidirectional(
        location,
        FORMAT,
        time_ns=start,
        end_ns=iso_ns(record.get("last", record.get("first"))),
        spoken=spoken,
        ends=ends,
        packets=packets,
        sizes=sizes,
        flags=flags_of(record.get("tcp_flags")),
        observer=f"{router} {record.get('export_sysid', '')}/{record.get('direction', '')}",
        is_sampled=record.get("sampled") not in (None, 0, False),
        raw=raw,
    )


def _ends(record: dict[str, Any], spoken: Protocol) -> tuple[Endpoint, Endpoint]:
    src = record.get("src4_addr", record.get("src6_addr"))
    dst = record.get("dst4_addr", record.get("dst6_addr"))
    if spoken is Protocol.ICMP and "icmp_type" in record:
        return message_ends(src, dst, record.get("icmp_type"), record.get("icmp_code", 0))
    return ends_of(spoken, src, record.get("src_port"), dst, record.get("dst_port"))


def _translated(record: dict[str, Any], ends: tuple[Endpoint, Endpoint]) -> Views:
    """The names of 1.7, and of releases that had one for both versions of IP."""
    addresses, ports = (
        [next((record[name] for name in names if name in record), None) for names in pair]
        for pair in (
            [(f"{way}4_xlt_ip", f"{way}6_xlt_ip", f"{way}_xlate_ip") for way in ("src", "dst")],
            [(f"{way}_xlt_port", f"{way}_xlate_port") for way in ("src", "dst")],
        )
    )
    return translated(ends, (addresses[0], addresses[1]), (ports[0], ports[1]))
