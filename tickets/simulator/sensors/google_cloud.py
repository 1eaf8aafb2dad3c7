"""Google Cloud: VPC flow logs and firewall rules logging, as JSON lines of Cloud Logging.

Source: Google Cloud, "VPC Flow Logs record format" and "Firewall Rules Logging". A flow record tells one direction of a
sample of the packets, scaled up, as the machine at one end saw it (`reporter`). Ingress is sampled behind the ingress rules, so
what they deny never shows in the flow log. The firewall's log tells one connection: its source is the side that asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tickets.engine.types import Protocol
from tickets.simulator.clock import NS_PER_S, to_iso
from tickets.simulator.network import Dialogue, Firewall, Host, SentPacket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Flow, Recording
from tickets.simulator.sensors.flow_halves import Exporter, Half, export_halves
from tickets.simulator.sensors.ip_numbers import protocol_number
from tickets.simulator.sensors.lines import LogLine, ends_of, sort_lines
from tickets.simulator.sensors.passage import Timeouts, crosses, make_device
from tickets.simulator.sensors.segments import is_syn, is_syn_ack

FLOW_FILE, FIREWALL_FILE = "vpc-flows.json", "firewall-rules.json"
PROJECT, PLACE = "prod-net", "europe-north1-a"
AGGREGATED_NS = 5 * NS_PER_S
# Connection tracking: ten minutes of idleness, whatever the protocol.
TIMEOUTS = Timeouts(
    opening_ns=600 * NS_PER_S,
    standing_ns=600 * NS_PER_S,
    closing_ns=600 * NS_PER_S,
    datagram_ns=600 * NS_PER_S,
    echo_ns=600 * NS_PER_S,
)


def write_vpc_flows(recording: Recording, chance: Stream, *, one_in: int = 1) -> tuple[LogLine, ...]:
    """The flow records of the machine whose card was recorded; `one_in` packets was looked at."""
    host = recording.tap.host
    assert host is not None
    exporter = Exporter(active_ns=AGGREGATED_NS, inactive_ns=AGGREGATED_NS, one_in=one_in)
    return sort_lines(
        LogLine(
            half.exported_ns, _encode(_flow(half, host, one_in)), half.flow.dialogue, (half.src, half.dst)
        )
        for half in export_halves(recording, exporter, chance)
    )


def write_firewall_rules_log(
    dialogues: tuple[Dialogue, ...], firewall: Firewall, host: Host
) -> tuple[LogLine, ...]:
    """A line for each connection of the machine that a rule allowed or denied. Of protocols TCP and UDP."""
    return sort_lines(_decisions(dialogues, firewall, host))


def _flow(half: Half, host: Host, one_in: int) -> dict[str, Any]:
    first = half.packets[0].packet
    is_sender = first.src.host.is_same_machine(host)
    side = "src" if is_sender else "dest"
    payload: dict[str, Any] = {
        "connection": _connection(first),
        "reporter": side.upper(),
        "bytes_sent": str(half.ip_bytes * one_in),
        "packets_sent": str(half.count * one_in),
    }
    round_trip_ms = _round_trip_ms(half.flow)
    if round_trip_ms is not None:
        payload["rtt_msec"] = str(round_trip_ms)
    payload |= {
        "start_time": to_iso(half.start_ns) + "Z",
        "end_time": to_iso(half.end_ns) + "Z",
        f"{side}_instance": {"project_id": PROJECT, "vm_name": host.name, "zone": PLACE},
        f"{side}_vpc": {"project_id": PROJECT, "vpc_name": "default", "subnetwork_name": "default"},
    }
    return _entry("vpc_flows", half.exported_ns, payload)


def _round_trip_ms(flow: Flow) -> int | None:
    """Measured on TCP's handshake."""
    asked = next((seen.time_ns for seen in flow.packets if is_syn(seen)), None)
    answered = next((seen.time_ns for seen in flow.packets if is_syn_ack(seen)), None)
    if asked is None or answered is None or flow.dialogue.protocol is not Protocol.TCP:
        return None
    return max(1, (answered - asked) // 1_000_000)


def _decisions(dialogues: tuple[Dialogue, ...], firewall: Firewall, host: Host) -> Iterator[LogLine]:
    device = make_device(dialogues, firewall)
    for dialogue in filter(crosses, dialogues):
        mine = host.ip in (dialogue.client.host.ip, dialogue.server.host.ip)
        if not mine or dialogue.protocol is Protocol.ICMP:
            continue
        passage = device.follow(dialogue, TIMEOUTS)
        for session in passage.sessions:
            yield _decision(dialogue, session.packets[0].packet, session.start_ns, host, is_denied=False)
        for seen in passage.denied[:1]:
            yield _decision(dialogue, seen.packet, seen.time_ns, host, is_denied=True)


def _decision(dialogue: Dialogue, first: SentPacket, time_ns: int, host: Host, *, is_denied: bool) -> LogLine:
    is_inbound = first.dst.host.ip == host.ip
    peer = first.src.host if is_inbound else first.dst.host
    word = "deny" if is_denied else "allow"
    direction = "INGRESS" if is_inbound else "EGRESS"
    name = first.protocol.value
    payload = {
        "connection": _connection(first),
        "disposition": "DENIED" if is_denied else "ALLOWED",
        "rule_details": {
            "reference": f"network:default/firewall:{word}-{direction.lower()}-{name}-{first.dst.port}",
            "priority": 65534 if is_denied else 1000,
            "action": word.upper(),
            "direction": direction,
            "ip_port_info": [{"ip_protocol": name.upper(), "port_range": [str(first.dst.port)]}],
            ("source_range" if is_inbound else "destination_range"): ["0.0.0.0/0"],
        },
        "instance": {"project_id": PROJECT, "vm_name": host.name, "zone": PLACE},
        "vpc": {"project_id": PROJECT, "vpc_name": "default", "subnetwork_name": "default"},
    }
    if peer.zone is Zone.OUTSIDE:
        payload["remote_location"] = {"continent": "Europe", "country": "xxx"}
    return LogLine(time_ns, _encode(_entry("firewall", time_ns, payload)), dialogue, ends_of(first))


def _connection(first: SentPacket) -> dict[str, Any]:
    connection: dict[str, Any] = {"src_ip": first.src.host.ip, "dest_ip": first.dst.host.ip}
    if first.protocol is Protocol.ICMP:
        connection["icmp"] = {"type": first.icmp_type, "code": first.icmp_code}
    else:
        connection |= {"src_port": first.src.port, "dest_port": first.dst.port}
    return connection | {"protocol": protocol_number(first)}


def _entry(kind: str, time_ns: int, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "logName": f"projects/{PROJECT}/logs/compute.googleapis.com%2F{kind}",
        "timestamp": to_iso(time_ns) + "Z",
        "jsonPayload": payload,
    }


def _encode(entry: dict[str, Any]) -> str:
    return json.dumps(entry, separators=(",", ":"))
