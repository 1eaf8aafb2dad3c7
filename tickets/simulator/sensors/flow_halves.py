"""What a flow exporter counts: the packets of each direction on their own, cut by timers, perhaps sampled.

Source: RFC 7011, 3 and Cisco's NetFlow guides. A half ends when nothing came for the inactive timeout; a long one
is told in pieces of the active timeout. A sampling exporter looks at one packet of many and counts what it saw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tickets.engine.types import Endpoint, Protocol, TcpFlags
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import SeenPacket
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Flow, Recording, count_ip_bytes, count_packets
from tickets.simulator.sensors.segments import flags_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """How an exporter is set up: both timeouts, and one packet in how many it looks at."""

    active_ns: int = 60 * NS_PER_S
    inactive_ns: int = 15 * NS_PER_S
    one_in: int = 1


@dataclass(frozen=True, slots=True)
class Half:
    """One record: packets of one direction, and when it was exported."""

    flow: Flow
    packets: tuple[SeenPacket, ...]
    exported_ns: int

    @property
    def protocol(self) -> Protocol:
        return self.flow.dialogue.protocol

    @property
    def src(self) -> Endpoint:
        return self.packets[0].packet.src.endpoint

    @property
    def dst(self) -> Endpoint:
        return self.packets[0].packet.dst.endpoint

    @property
    def is_from_orig(self) -> bool:
        return self.flow.is_from_orig(self.packets[0])

    @property
    def start_ns(self) -> int:
        return self.packets[0].time_ns

    @property
    def end_ns(self) -> int:
        return self.packets[-1].time_ns

    @property
    def count(self) -> int:
        return count_packets(self.packets)

    @property
    def ip_bytes(self) -> int:
        return count_ip_bytes(self.packets)

    @property
    def flags(self) -> TcpFlags:
        return flags_of(self.packets)


def export_halves(recording: Recording, exporter: Exporter, chance: Stream) -> tuple[Half, ...]:
    """All records about a recording, in the order in which they were exported."""
    sampled = chance.child("sampling")
    looked_at = {
        id(seen) for seen in recording.packets if exporter.one_in == 1 or sampled.below(exporter.one_in) == 0
    }
    halves = [
        half
        for flow in recording.flows
        for from_orig in (True, False)
        for half in _cut(
            flow,
            [seen for seen in flow.packets if id(seen) in looked_at and flow.is_from_orig(seen) is from_orig],
            exporter,
        )
    ]
    return tuple(sorted(halves, key=lambda half: (half.exported_ns, half.start_ns)))


def _cut(flow: Flow, packets: list[SeenPacket], exporter: Exporter) -> Iterator[Half]:
    piece: list[SeenPacket] = []
    for seen in packets:
        if piece and seen.time_ns - piece[-1].time_ns > exporter.inactive_ns:
            yield Half(flow, tuple(piece), piece[-1].time_ns + exporter.inactive_ns)
            piece = []
        elif piece and seen.time_ns - piece[0].time_ns > exporter.active_ns:
            yield Half(flow, tuple(piece), piece[0].time_ns + exporter.active_ns)
            piece = []
        piece.append(seen)
    if piece:
        yield Half(flow, tuple(piece), piece[-1].time_ns + exporter.inactive_ns)
