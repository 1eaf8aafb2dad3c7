"""One sensor's account of a conversation: the packets it laid together, and whom it takes for the originator.

A sensor that came late, sees one direction or guesses by ports may take the responder for the originator.
The numbers stay those of the packets; only the names of the sides change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.network import SeenPacket
from tickets.simulator.recording import Flow, Tally


@dataclass(frozen=True, slots=True)
class Account:
    """A flow, or a part of it, as one sensor tells of it. `is_turned`: it holds the responder for the originator."""

    flow: Flow
    is_turned: bool = False

    @property
    def orig(self) -> Endpoint:
        return self.flow.resp if self.is_turned else self.flow.orig

    @property
    def resp(self) -> Endpoint:
        return self.flow.orig if self.is_turned else self.flow.resp

    @property
    def protocol(self) -> Protocol:
        return self.flow.dialogue.protocol

    @property
    def packets(self) -> tuple[SeenPacket, ...]:
        return self.flow.packets

    @property
    def start_ns(self) -> int:
        return self.flow.start_ns

    @property
    def end_ns(self) -> int:
        return self.flow.end_ns

    def is_from_orig(self, seen: SeenPacket) -> bool:
        return self.flow.is_from_orig(seen) is not self.is_turned

    def sent(self, *, from_orig: bool) -> tuple[SeenPacket, ...]:
        return tuple(seen for seen in self.packets if self.is_from_orig(seen) is from_orig)

    def tally(self, *, from_orig: bool) -> Tally:
        return self.flow.tally(from_orig=from_orig is not self.is_turned)

    def turned(self) -> Account:
        return replace(self, is_turned=not self.is_turned)


def by_first_packet(flow: Flow) -> Account:
    """Who sent the first packet that the sensor saw is held for the originator."""
    return Account(flow, is_turned=not flow.first_is_from_orig)


def split(flow: Flow, starts_anew: Callable[[Sequence[SeenPacket], SeenPacket], bool]) -> list[Flow]:
    """Cut a flow before each packet that the sensor lays to a new one.

    `starts_anew` is asked with the packets so far and the one that comes next.
    """
    parts: list[list[SeenPacket]] = []
    for seen in flow.packets:
        if parts and not starts_anew(parts[-1], seen):
            parts[-1].append(seen)
        else:
            parts.append([seen])
    return [replace(flow, packets=tuple(part)) for part in parts]
