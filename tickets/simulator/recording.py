"""What passes a tap, and what a flow meter there counts of it. All sensors write from these counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tickets.engine.types import Endpoint, TcpFlags
from tickets.simulator.network import Dialogue, Firewall, SeenPacket, SentPacket, Socket, Tap, Translation


@dataclass(frozen=True, slots=True)
class Tally:
    """One side's traffic: packets, bytes of frames, of IP packets and of payload, flags ever set."""

    packets: int
    frame_bytes: int
    ip_bytes: int
    payload_bytes: int
    flags: TcpFlags


def count_packets(packets: Iterable[SeenPacket]) -> int:
    """One told in bulk stands for its copies."""
    return sum(seen.packet.copies for seen in packets)


def count_ip_bytes(packets: Iterable[SeenPacket]) -> int:
    return sum(seen.packet.copies * seen.packet.ip_bytes for seen in packets)


def count_payload_bytes(packets: Iterable[SeenPacket]) -> int:
    return sum(seen.packet.copies * seen.packet.payload_bytes for seen in packets)


@dataclass(frozen=True, slots=True)
class Flow:
    """One dialogue as the tap saw it, packets in order of time.

    `ends` are opener and other with the addresses that the tap saw, where a translation lies between; `orig` and
    `resp` say who opened it in truth. A sensor that saw only a part of it (see `first_is_from_orig`, a restart, a
    one-way tap) has to judge by its own rules. `part` is 0, or which part of the dialogue this is after
    the sensor's restarts."""

    dialogue: Dialogue
    packets: tuple[SeenPacket, ...]
    tap: Tap
    ends: tuple[Socket, Socket] | None = None
    part: int = 0

    @property
    def orig(self) -> Endpoint:
        return (self.ends[0] if self.ends else self.dialogue.client).endpoint

    @property
    def resp(self) -> Endpoint:
        return (self.ends[1] if self.ends else self.dialogue.server).endpoint

    @property
    def start_ns(self) -> int:
        return self.packets[0].time_ns

    @property
    def end_ns(self) -> int:
        return self.packets[-1].time_ns

    @property
    def first_is_from_orig(self) -> bool:
        return self.is_from_orig(self.packets[0])

    def is_from_orig(self, seen: SeenPacket) -> bool:
        return seen.packet.src.endpoint == self.orig

    def cut(self, start: int, end: int) -> Flow:
        """The flow's packets from number `start` to before number `end`, as a flow of its own."""
        return Flow(self.dialogue, self.packets[start:end], self.tap, self.ends, self.part)

    def until(self, count: int) -> Flow:
        """The flow as it stood after its first `count` packets."""
        return self.cut(0, count)

    def tally(self, *, from_orig: bool) -> Tally:
        sent = [seen for seen in self.packets if self.is_from_orig(seen) is from_orig]
        flags = TcpFlags.NONE
        for seen in sent:
            flags |= seen.packet.flags
        return Tally(
            packets=count_packets(sent),
            frame_bytes=sum(seen.packet.copies * self.tap.frame_bytes(seen.packet) for seen in sent),
            ip_bytes=count_ip_bytes(sent),
            payload_bytes=count_payload_bytes(sent),
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
    played = tuple(dialogues)
    translation = firewall.translate(played)
    flows = [part for dialogue in played for part in _listen(dialogue, tap, firewall, translation)]
    flows.sort(key=lambda flow: flow.start_ns)
    packets = sorted((seen for flow in flows for seen in flow.packets), key=_time)
    return Recording(tap, tuple(flows), tuple(packets))


def _listen(dialogue: Dialogue, tap: Tap, firewall: Firewall, translation: Translation) -> Iterator[Flow]:
    """What the tap sees of a dialogue: nothing, one flow, or one after each restart of its sensor."""
    heard = [packet for packet in dialogue.packets if _is_heard(packet, dialogue, tap, firewall)]
    ends = None
    if tap.is_outside:
        heard = [translation.outer_packet(packet) for packet in heard]
        ends = _outer_ends(dialogue, translation)
    seen = sorted(map(tap.see, heard), key=_time)
    cuts = [sum(tap.pass_ns(item.packet) < moment for item in seen) for moment in sorted(tap.restarts_ns)]
    for part, (start, end) in enumerate(pairwise((0, *cuts, len(seen)))):
        if start < end:
            yield Flow(dialogue, tuple(seen[start:end]), tap, ends, part)


def _is_heard(packet: SentPacket, dialogue: Dialogue, tap: Tap, firewall: Firewall) -> bool:
    """The access list judges who opens; the packets that answer follow the session."""
    is_admitted = packet.src != dialogue.client or firewall.admits(dialogue)
    return tap.passes(packet, is_admitted=is_admitted) and not tap.is_blind(tap.pass_ns(packet))


def _outer_ends(dialogue: Dialogue, translation: Translation) -> tuple[Socket, Socket]:
    """An ICMP error's ends follow the packet that it quotes."""
    first = dialogue.packets[0]
    if first.quoted is not None:
        outer = translation.outer_packet(first)
        return (
            (outer.src, outer.dst)
            if first.src.endpoint == dialogue.client.endpoint
            else (outer.dst, outer.src)
        )
    client, server = (translation.outer(dialogue.protocol, end) for end in (dialogue.client, dialogue.server))
    return client, server


def _time(seen: SeenPacket) -> int:
    return seen.time_ns
