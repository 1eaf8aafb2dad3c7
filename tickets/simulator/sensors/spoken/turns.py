"""A conversation's data in turns: what one side said before the other answered."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.engine.types import Protocol
from tickets.simulator.sensors.account import Account


@dataclass(frozen=True, slots=True)
class Turn:
    """Data of one side in one piece: from whom (as the sensor holds the sides), when it began and was complete."""

    from_orig: bool
    data: bytes
    start_ns: int
    end_ns: int


def take_turns(account: Account) -> tuple[Turn, ...]:
    """The turns of a conversation in order. Of TCP what was sent again is read once; of UDP each datagram is a turn."""
    turns: list[Turn] = []
    next_seq: dict[bool, int] = {}
    is_tcp = account.protocol is Protocol.TCP
    for seen in account.packets:
        packet, from_orig = seen.packet, account.is_from_orig(seen)
        if not packet.payload or _is_known(packet.seq, next_seq.get(from_orig), is_tcp=is_tcp):
            continue
        next_seq[from_orig] = (packet.seq + len(packet.payload)) & 0xFFFFFFFF
        if is_tcp and turns and turns[-1].from_orig is from_orig:
            last = turns.pop()
            turns.append(Turn(from_orig, last.data + packet.payload, last.start_ns, seen.time_ns))
        else:
            turns.append(Turn(from_orig, packet.payload, seen.time_ns, seen.time_ns))
    return tuple(turns)


def _is_known(seq: int, expected: int | None, *, is_tcp: bool) -> bool:
    """Does the segment lie before what is expected (RFC 9293, 3.4: numbers go round)?"""
    return is_tcp and expected is not None and 0 < (expected - seq) & 0xFFFFFFFF < 1 << 31
