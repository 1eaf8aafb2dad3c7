"""A rule that fires: what it says, and on which packet of which dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.network import Dialogue, SeenPacket, SentPacket
from tickets.simulator.recording import Flow, Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What an alert says of its rule."""

    sid: int
    rev: int
    message: str
    category: str
    severity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A signature that fires on one packet of a dialogue (0-based, as the tap saw them).

    `drops`: the sensor stands in the line, and the rule's action is drop. `is_stopped`: the packet is dropped as well, by
    another rule of the sensor, and the alert's own action stays "allowed"."""

    signature: Signature
    dialogue: Dialogue
    packet: int
    drops: bool = False
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Fired:
    """An alarm with the packet that it is about: the flow, the packet, its number in the capture (from 1)."""

    alarm: Alarm
    flow: Flow
    seen: SeenPacket
    number: int


def find_fired(recording: Recording, alarms: Sequence[Alarm]) -> tuple[Fired, ...]:
    """All alarms whose packet the tap saw, in order of time."""
    numbers = {id(seen): number for number, seen in enumerate(recording.packets, 1)}
    found = [
        Fired(alarm, flow, flow.packets[alarm.packet], numbers[id(flow.packets[alarm.packet])])
        for alarm in alarms
        for flow in recording.flows
        if flow.dialogue is alarm.dialogue and flow.part == 0 and alarm.packet < len(flow.packets)
    ]
    return tuple(sorted(found, key=lambda fired: fired.number))


def print_arrow(packet: SentPacket, *, tells_kind: bool) -> str:
    """`{TCP} source -> destination` of a packet. Suricata prints type and code of ICMP as ports, Snort no ports."""
    name = packet.protocol.value.upper()
    if packet.protocol is Protocol.ICMP:
        name = "IPV6-ICMP" if packet.is_ipv6 else name
        kinds = (f":{packet.icmp_type}", f":{packet.icmp_code}") if tells_kind else ("", "")
        return f"{{{name}}} {packet.src.host.ip}{kinds[0]} -> {packet.dst.host.ip}{kinds[1]}"
    src, dst = (_print(end.endpoint, brackets=not tells_kind) for end in (packet.src, packet.dst))
    return f"{{{name}}} {src} -> {dst}"


def _print(end: Endpoint, *, brackets: bool) -> str:
    return str(end) if brackets else f"{end.ip}:{end.port}"
