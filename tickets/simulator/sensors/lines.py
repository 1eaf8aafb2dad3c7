"""A line of a log with what the simulator knows of it: when it was written, and which dialogue it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tickets.engine.types import Endpoint
from tickets.simulator.network import Dialogue, SentPacket

Ends = tuple[Endpoint, Endpoint]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, when it was written, what it tells of, and the source and the destination that it prints: none
    where it does not, or those of the dialogue."""

    time_ns: int
    text: str
    dialogue: Dialogue
    ends: Ends | None = None


def ends_of(packet: SentPacket) -> Ends:
    """Source and destination as the packet carries them."""
    return packet.src.endpoint, packet.dst.endpoint


def sort_lines(lines: Iterable[LogLine]) -> tuple[LogLine, ...]:
    """The lines in order of writing; lines of one moment keep the order in which they were made."""
    return tuple(sorted(lines, key=lambda line: line.time_ns))


def encode_lines(lines: Iterable[LogLine]) -> bytes:
    return "".join(line.text + "\n" for line in lines).encode()
