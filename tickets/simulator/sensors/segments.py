"""What one TCP segment is in the life of a connection (RFC 9293, 3.5 and 3.6), by its flags alone."""

from __future__ import annotations

from collections.abc import Iterable

from tickets.engine.types import TcpFlags
from tickets.simulator.network import SeenPacket

SYN, ACK, FIN, RST = TcpFlags.SYN, TcpFlags.ACK, TcpFlags.FIN, TcpFlags.RST


def is_syn(seen: SeenPacket) -> bool:
    """Does it ask for a connection?"""
    return seen.packet.flags & (SYN | ACK | RST | FIN) == SYN


def is_syn_ack(seen: SeenPacket) -> bool:
    """Does it answer such a request?"""
    return seen.packet.flags & (SYN | ACK | RST | FIN) == SYN | ACK


def is_reset(seen: SeenPacket) -> bool:
    return bool(seen.packet.flags & RST)


def is_fin(seen: SeenPacket) -> bool:
    return bool(seen.packet.flags & FIN)


def flags_of(packets: Iterable[SeenPacket]) -> TcpFlags:
    """All flags that were ever set, as flow meters add them up."""
    flags = TcpFlags.NONE
    for seen in packets:
        flags |= seen.packet.flags
    return flags
