"""The packets of one capture -> conversations in the making, whatever order their ends come in.

Packets are grouped by protocol and their two endpoints without regard to order. A conversation ends where
nothing is said for Zeek's timeout (unless TCP's sequence numbers go on), or where a fresh SYN follows a
RST or FIN. What is kept is bounded for each conversation, so a capture of any size streams through.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from typing import NamedTuple

from .control import Announcements
from .tcp import note_history
from .traffic import Traffic
from .types import Endpoint, Location, Packet, Protocol, QuotedPacket, TcpFlags

NS = 1_000_000_000
# Zeek's tcp_inactivity_timeout, udp_inactivity_timeout, icmp_inactivity_timeout (base/init-bare.zeek).
TIMEOUTS_NS = {Protocol.TCP: 300 * NS, Protocol.UDP: 60 * NS, Protocol.ICMP: 60 * NS}
# How far a side may be ahead of the last segment seen of it and still be the same connection.
SEQUENCE_REACH = 1 << 24
LOOK_BACK = 4
# Errors about the same two ends say the same again and again.
MAX_NOTICES_A_KEY = 8

Key = tuple[Protocol, Endpoint, Endpoint]


class Notice(NamedTuple):
    """An ICMP error, and the packet that it quotes."""

    location: Location
    time_ns: int
    kind: int
    code: int
    reporter: str
    quoted: QuotedPacket


class Grouping:
    """The conversations of one capture. `all` stands in the order of their first packets."""

    def __init__(self) -> None:
        self.all: list[Traffic] = []
        self.notices: list[Notice] = []
        self.announcements = Announcements()
        self._by_key: defaultdict[Key, list[Traffic]] = defaultdict(list)  # each in order of time
        self._noticed: Counter[Key] = Counter()

    def add(self, packet: Packet) -> None:
        """Take one packet."""
        if packet.quoted is not None:
            self._note_error(packet, packet.quoted)
        key = key_of(packet.protocol, packet.src, packet.dst)
        traffic = self._find(key, packet)
        if traffic is None:
            traffic = Traffic(packet.protocol, packet.src, packet.dst, packet.time_ns)
            insort(self._by_key[key], traffic, key=beginning)
            self.all.append(traffic)
        note_history(traffic, packet)
        traffic.add(packet)
        self.announcements.note(packet)

    def adopt(self, traffic: Traffic) -> None:
        """Take a conversation that was begun elsewhere."""
        insort(self._by_key[key_of(traffic.protocol, *traffic.ends)], traffic, key=beginning)
        self.all.append(traffic)

    def _find(self, key: Key, packet: Packet) -> Traffic | None:
        for traffic in self._by_key.get(key, ())[: -LOOK_BACK - 1 : -1]:
            if _goes_on(traffic, packet):
                return traffic
            if _opens_anew(packet):
                return None
        return None

    def _note_error(self, packet: Packet, quoted: QuotedPacket) -> None:
        key = key_of(quoted.protocol, quoted.src, quoted.dst)
        self._noticed[key] += 1
        if self._noticed[key] <= MAX_NOTICES_A_KEY:
            kind, code = packet.icmp_type or 0, packet.icmp_code or 0
            self.notices.append(Notice(packet.location, packet.time_ns, kind, code, packet.src.ip, quoted))


def beginning(traffic: Traffic) -> int:
    return traffic.first_ns


def key_of(protocol: Protocol, src: Endpoint, dst: Endpoint) -> Key:
    """Return the same key for both directions."""
    return (protocol, src, dst) if src <= dst else (protocol, dst, src)


def _opens_anew(packet: Packet) -> bool:
    return packet.protocol is Protocol.TCP and packet.flags & (TcpFlags.SYN | TcpFlags.ACK) == TcpFlags.SYN


def _goes_on(traffic: Traffic, packet: Packet) -> bool:
    """Does the packet belong to this conversation, or does it begin another between the same endpoints?"""
    gap_ns = max(packet.time_ns - traffic.last_ns, traffic.first_ns - packet.time_ns)
    if packet.protocol is not Protocol.TCP:
        return gap_ns <= TIMEOUTS_NS[packet.protocol]
    if _opens_anew(packet):
        return gap_ns <= TIMEOUTS_NS[Protocol.TCP] and not _is_reused(traffic, packet)
    return gap_ns <= TIMEOUTS_NS[Protocol.TCP] or _is_in_sequence(traffic, packet)


def _is_reused(traffic: Traffic, packet: Packet) -> bool:
    """A SYN with a new initial number on a closed conversation opens another (RFC 9293, 3.6.1). One with the
    number that its side already used, or that a SYN-ACK already answered, is the same SYN again."""
    index = traffic.side_of(packet.src) or 0
    side = traffic.sides[index]
    is_reordered = (packet.seq + 1) & 0xFFFFFFFF in traffic.sides[1 - index].syn_ack_acks
    if packet.seq in side.isns or is_reordered:
        return False
    return traffic.is_closed and (side.packets > 0 or traffic.sides[1 - index].rst is None)


def _is_in_sequence(traffic: Traffic, packet: Packet) -> bool:
    """Zeek forgets a silent connection; the sequence numbers prove that it is still the same."""
    expected = traffic.sides[traffic.side_of(packet.src) or 0].next_seq
    if expected is None or traffic.is_closed:
        return False
    ahead = (packet.seq - expected + SEQUENCE_REACH // 2) & 0xFFFFFFFF
    return ahead < SEQUENCE_REACH
