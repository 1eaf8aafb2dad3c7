"""What passes a tap, and what a flow meter there counts of it. All sensors write from these counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tickets.engine.types import Endpoint, TcpFlags
from tickets.simulator.network import Dialogue, Firewall, SeenPacket, Tap


@dataclass(frozen=True, slots=True)
class Tally:
    """One side's traffic: packets, bytes of frames, of IP packets and of payload, flags ever set."""

    packets: int
    frame_bytes: int
    ip_bytes: int
    payload_bytes: int
    flags: TcpFlags


@dataclass(frozen=True, slots=True)
class Flow:
    """One dialogue as the tap saw it, packets in order of time."""

    dialogue: Dialogue
    packets: tuple[SeenPacket, ...]
    tap: Tap

    @property
    def orig(self) -> Endpoint:
        return self.dialogue.client.endpoint

    @property
    def resp(self) -> Endpoint:
        return self.dialogue.server.endpoint

    @property
    def start_ns(self) -> int:
        return self.packets[0].time_ns

    @property
    def end_ns(self) -> int:
        return self.packets[-1].time_ns

    def is_from_orig(self, seen: SeenPacket) -> bool:
        return seen.packet.src == self.dialogue.client

    def until(self, count: int) -> Flow:
        """The flow as it stood after its first `count` packets."""
        return Flow(self.dialogue, self.packets[:count], self.tap)

    def tally(self, *, from_orig: bool) -> Tally:
        packets = [seen.packet for seen in self.packets if self.is_from_orig(seen) is from_orig]
        flags = TcpFlags.NONE
        for packet in packets:
            flags |= packet.flags
        return Tally(
            packets=len(packets),
            frame_bytes=sum(self.tap.frame_bytes(packet) for packet in packets),
            ip_bytes=sum(packet.ip_bytes for packet in packets),
            payload_bytes=sum(len(packet.payload) for packet in packets),
            flags=flags,
        )


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything one tap saw: flows in order of their first packet, packets in order of time."""

    tap: Tap
    flows: tuple[Flow, ...]
    packets: tuple[SeenPacket, ...]


def record(dialogues: Iterable[Dialogue], tap: Tap, firewall: Firewall) -> Recording:
    """Listen at a tap while the dialogues are played."""
    flows = [
        Flow(dialogue, tuple(sorted(map(tap.see, dialogue.packets), key=_time)), tap)
        for dialogue in dialogues
        if tap.sees(dialogue, firewall)
    ]
    flows.sort(key=lambda flow: flow.start_ns)
    packets = sorted((seen for flow in flows for seen in flow.packets), key=_time)
    return Recording(tap, tuple(flows), tuple(packets))


def _time(seen: SeenPacket) -> int:
    return seen.time_ns
