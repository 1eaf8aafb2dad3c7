"""Relative sequence numbers, as packet analysers print them: each side counts from its own beginning.

A SYN is number 0 of its side. Where a capture begins later, the first byte that was seen is number 1, and what the other
side has acknowledged by then is where its own count begins. A SYN with another number begins a new count.
"""

from __future__ import annotations

from typing import NamedTuple

from .types import Endpoint, Packet, Protocol, Record, TcpFlags

_MASK = 0xFFFFFFFF


class Numbered(NamedTuple):
    """`seq` and `ack` from 0; None where the packet has none (no TCP, or no ACK flag)."""

    seq: int | None
    ack: int | None


NOTHING = Numbered(None, None)


class RelativeNumbers:
    """The beginnings of every side seen so far. Ask for the records in the order of their file."""

    def __init__(self) -> None:
        self._begin: dict[tuple[Endpoint, Endpoint], int] = {}

    def number(self, record: Record) -> Numbered:
        if not isinstance(record, Packet) or record.protocol is not Protocol.TCP or record.is_later_fragment:
            return NOTHING
        side, peer = (record.src, record.dst), (record.dst, record.src)
        has_ack = bool(record.flags & TcpFlags.ACK)
        if record.flags & TcpFlags.SYN and self._begin.get(side) != record.seq:
            self._begin[side] = record.seq
            if not has_ack:
                # A new connection of the same ends: the other side counts anew as well.
                self._begin.pop(peer, None)
        begin = self._begin.setdefault(side, (record.seq - 1) & _MASK)
        if not has_ack:
            return Numbered((record.seq - begin) & _MASK, None)
        peer_begin = self._begin.setdefault(peer, (record.ack - 1) & _MASK)
        return Numbered((record.seq - begin) & _MASK, (record.ack - peer_begin) & _MASK)
