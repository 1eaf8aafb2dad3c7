"""Protocols by their numbers in an IP header (IANA, Protocol Numbers)."""

from __future__ import annotations

from tickets.engine.types import Protocol
from tickets.simulator.network import SentPacket

NUMBERS = {Protocol.TCP: 6, Protocol.UDP: 17, Protocol.ICMP: 1}
ICMP6 = 58


def protocol_number(packet: SentPacket) -> int:
    """ICMP has another number over IPv6."""
    return ICMP6 if packet.protocol is Protocol.ICMP and packet.is_ipv6 else NUMBERS[packet.protocol]
