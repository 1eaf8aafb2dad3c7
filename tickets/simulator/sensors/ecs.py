"""Events in Elastic's Common Schema, as a collector writes them: JSON lines.

Source: Elastic Common Schema 8 (source, destination, client, server, network, event). `source` and `destination` are whatever the
mapping made them; `client` and `server` stand there only where the mapping knew. `network.direction` is worked out
from the source and the own networks, so of a reversed alert it is reversed, too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.clock import NS_PER_S, to_datetime
from tickets.simulator.network import Socket
from tickets.simulator.sensors.lines import LogLine, sort_lines
from tickets.simulator.sensors.pipeline_events import Count, Event

FILE = "events.ndjson"
TYPES = {
    "allowed": ["allowed"],
    "blocked": ["denied"],
    "denied": ["connection", "denied"],
    "teardown": ["connection", "end"],
    "connection": ["connection"],
}


def write_ecs(events: Sequence[Event]) -> tuple[LogLine, ...]:
    return sort_lines(
        LogLine(event.time_ns, json.dumps(_object(event), separators=(",", ":")), event.dialogue, event.ends)
        for event in events
    )


def _object(event: Event) -> dict[str, Any]:
    record: dict[str, Any] = {"@timestamp": _stamp(event.time_ns), "event": _event(event)}
    if event.signature is not None:
        record["rule"] = {"id": str(event.signature.sid), "name": event.signature.message}
    record["source"] = _side(event.src, event.src_count, event.mapped_src, event)
    record["destination"] = _side(event.dst, event.dst_count, event.mapped_dst, event)
    if event.client is not None and event.server is not None:
        record["client"] = _named(event.client)
        record["server"] = _named(event.server)
    network: dict[str, Any] = {"transport": _transport(event), "direction": event.direction}
    if event.service:
        network["protocol"] = event.service
    if total := event.src_count.packets + event.dst_count.packets:
        network |= {"bytes": event.src_count.size + event.dst_count.size, "packets": total}
    record["network"] = network
    if event.word in ("denied", "teardown"):
        record["observer"] = {
            "type": "firewall",
            "ingress": {"interface": {"name": event.src.host.zone.value}},
            "egress": {"interface": {"name": event.dst.host.zone.value}},
        }
    return record


def _event(event: Event) -> dict[str, Any]:
    if event.signature is not None:
        return {
            "kind": "alert",
            "category": ["network", "intrusion_detection"],
            "type": TYPES[event.word],
            "module": "suricata",
        }
    record: dict[str, Any] = {"kind": "event", "category": ["network"], "type": TYPES[event.word]}
    if event.word == "denied":
        record |= {"action": "deny", "outcome": "failure", "module": "cisco"}
    if event.word == "teardown":
        record |= {"action": "flow-expiration", "outcome": "success", "module": "cisco"}
    if event.lasted_ns:
        record["duration"] = event.lasted_ns
    return record


def _side(socket: Socket, count: Count, mapped: Endpoint | None, event: Event) -> dict[str, Any]:
    side: dict[str, Any] = {"ip": socket.host.ip, "address": socket.host.ip}
    if event.protocol is not Protocol.ICMP:
        side["port"] = socket.port
    if event.src_count.packets or event.dst_count.packets:
        side |= {"bytes": count.size, "packets": count.packets}
    if mapped is not None:
        side["nat"] = {"ip": mapped.ip, "port": mapped.port}
    return side


def _named(end: Endpoint) -> dict[str, Any]:
    return {"ip": end.ip, "port": end.port}


def _transport(event: Event) -> str:
    is_six = event.protocol is Protocol.ICMP and ":" in event.src.host.ip
    return "ipv6-icmp" if is_six else event.protocol.value


def _stamp(time_ns: int) -> str:
    return f"{to_datetime(time_ns):%Y-%m-%dT%H:%M:%S}.{time_ns % NS_PER_S // 1_000_000:03d}Z"
