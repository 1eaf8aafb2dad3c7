"""Events as collectors hand them to a SIEM: ArcSight's CEF, QRadar's LEEF, Splunk's Network Traffic model.

Source: ArcSight Common Event Format 25; IBM, LEEF event attributes; Splunk, Common Information Model. None of them has a
field for who opened the conversation. CEF's `in` and `out` are counted from the source; its `deviceDirection` is the
same in every line here, as with many products.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from tickets.engine.types import Protocol
from tickets.simulator.clock import MONTHS, NS_PER_S, DeviceClock
from tickets.simulator.sensors.lines import LogLine, sort_lines
from tickets.simulator.sensors.pipeline_events import Event

CEF_FILE, LEEF_FILE, CIM_FILE = "events.cef", "events.leef", "events.json"
VENDOR = "ExampleVendor"
INBOUND = 0
ACTIONS = {
    "allowed": "allowed",
    "blocked": "blocked",
    "denied": "deny",
    "teardown": "teardown",
    "connection": "accept",
}
CIM_ACTIONS = {
    "allowed": "allowed",
    "blocked": "blocked",
    "denied": "blocked",
    "teardown": "teardown",
    "connection": "allowed",
}
IMPORTANCE = {1: 8, 2: 5, 3: 3}
SEVERITIES = {1: "high", 2: "medium", 3: "low"}


def write_cef(events: Sequence[Event], *, east_s: int = 0, host: str = "siem") -> tuple[LogLine, ...]:
    """With a syslog header in the collector's own zone; `rt` is UTC."""
    clock = DeviceClock(east_s=east_s)
    return sort_lines(
        LogLine(event.time_ns, _cef(event, clock, host), event.dialogue, event.ends) for event in events
    )


def write_leef(events: Sequence[Event], *, version: int = 2, east_s: int = 0) -> tuple[LogLine, ...]:
    """Version 1 has tabs between its attributes, version 2 names its own delimiter."""
    clock = DeviceClock(east_s=east_s)
    return sort_lines(
        LogLine(event.time_ns, _leef(event, clock, version), event.dialogue, event.ends) for event in events
    )


def write_cim(events: Sequence[Event]) -> tuple[LogLine, ...]:
    return sort_lines(
        LogLine(event.time_ns, json.dumps(_cim(event)), event.dialogue, event.ends) for event in events
    )


def _head(event: Event) -> tuple[str, str, str, int]:
    """Product, number, name, importance."""
    if event.signature is None:
        action = ACTIONS[event.word]
        return "Firewall", action, f"Policy {action}", 3
    signature = event.signature
    return "IDS", str(signature.sid), signature.message, IMPORTANCE.get(signature.severity, 3)


def _cef(event: Event, clock: DeviceClock, host: str) -> str:
    product, number, name, importance = _head(event)
    pairs = {
        "rt": str(event.time_ns // 1_000_000),
        "src": event.src.host.ip,
        **_ports(event, "spt", "dpt"),
        "dst": event.dst.host.ip,
        "proto": event.protocol.value.upper(),
        "act": ACTIONS[event.word],
        "deviceDirection": str(INBOUND),
        "app": event.service,
        "in": str(event.dst_count.size) if event.dst_count.packets else "",
        "out": str(event.src_count.size) if event.src_count.packets else "",
        "deviceInboundInterface": event.src.host.zone.value if event.word == "denied" else "",
        "deviceOutboundInterface": event.dst.host.zone.value if event.word == "denied" else "",
        **_translated(event),
    }
    moment = clock.reads(event.time_ns)
    told = " ".join(f"{key}={_escaped(value)}" for key, value in pairs.items() if value)
    header = "|".join(_escaped_head(part) for part in (VENDOR, product, "1.0", number, name, str(importance)))
    return f"{MONTHS[moment.month - 1]} {moment:%d %H:%M:%S} {host} CEF:0|{header}|{told}"


def _leef(event: Event, clock: DeviceClock, version: int) -> str:
    product, number, _, importance = _head(event)
    moment = clock.reads(event.time_ns)
    pairs = {
        "devTime": f"{MONTHS[moment.month - 1]} {moment:%d %Y %H:%M:%S}",
        "devTimeFormat": "MMM dd yyyy HH:mm:ss",
        "cat": event.signature.category if event.signature else "",
        "sev": str(importance),
        "src": event.src.host.ip,
        **_ports(event, "srcPort", "dstPort"),
        "dst": event.dst.host.ip,
        "proto": event.protocol.value.upper(),
        "srcBytes": str(event.src_count.size) if event.src_count.packets else "",
        "dstBytes": str(event.dst_count.size) if event.dst_count.packets else "",
        "srcPreNAT": event.src.host.ip if event.mapped_src else "",
        "srcPostNAT": event.mapped_src.ip if event.mapped_src else "",
    }
    told = [f"{key}={value}" for key, value in pairs.items() if value]
    header = f"{VENDOR}|{product}|1.0|{number}"
    return (
        f"LEEF:2.0|{header}|^|{'^'.join(told)}" if version == 2 else f"LEEF:1.0|{header}|{chr(9).join(told)}"
    )


def _cim(event: Event) -> dict[str, object]:
    is_alert = event.signature is not None
    record: dict[str, object] = {
        "_time": event.time_ns // NS_PER_S,
        "sourcetype": "suricata" if is_alert else "cisco:asa",
        "tag": ["ids", "attack"] if is_alert else ["network", "communicate"],
        "action": CIM_ACTIONS[event.word],
    }
    if event.signature is not None:
        record |= {
            "signature": event.signature.message,
            "signature_id": event.signature.sid,
            "severity": SEVERITIES.get(event.signature.severity, "low"),
            "ids_type": "network",
        }
    names = ("src", "dest") if is_alert else ("src_ip", "dest_ip")
    record |= {names[0]: event.src.host.ip, names[1]: event.dst.host.ip}
    if event.protocol is not Protocol.ICMP:
        record |= {"src_port": event.src.port, "dest_port": event.dst.port}
    record["transport"] = event.protocol.value
    if not is_alert:
        record["direction"] = event.direction
    if event.word == "teardown":
        size = event.src_count.size + event.dst_count.size
        record |= {"bytes": size, "duration": event.lasted_ns // NS_PER_S}
    product = "OISF Suricata" if is_alert else "Cisco ASA"
    return record | {"dvc": "ids-1" if is_alert else "asa01", "vendor_product": product}


def _ports(event: Event, src: str, dst: str) -> dict[str, str]:
    if event.protocol is Protocol.ICMP:
        return {}
    return {src: str(event.src.port), dst: str(event.dst.port)}


def _translated(event: Event) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for side, mapped in (("source", event.mapped_src), ("destination", event.mapped_dst)):
        if mapped is not None:
            pairs |= {
                f"{side}TranslatedAddress": mapped.ip,
                f"{side}TranslatedPort": str(mapped.port),
            }
    return pairs


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("=", "\\=")


def _escaped_head(value: str) -> str:
    return value.replace("\\", "\\\\").replace("|", "\\|")
