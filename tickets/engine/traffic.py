"""What is kept of a conversation while its records are read: little, and of bounded size.

A side counts what it sent and remembers where each kind of segment was first seen. Nothing here
depends on which side opened the conversation: that is decided later, from what is kept here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from .applications import Message, Role, recognise
from .gaps import NOTHING, Reached
from .types import (
    Alert,
    Endpoint,
    FlowRecord,
    Location,
    LogRecord,
    Packet,
    Protocol,
    QuotedPacket,
    TcpFlags,
    Views,
)

MAX_RECORDS = 64
MAX_PAYLOADS = 4
MAX_ATTEMPTS = 8
MAX_NOTICES = 4
MAX_VIEWS = 4
PAYLOAD_BYTES = 1024
SYN, ACK, FIN, RST = TcpFlags.SYN, TcpFlags.ACK, TcpFlags.FIN, TcpFlags.RST

Log = FlowRecord | LogRecord | Alert


class Spoken(NamedTuple):
    """An application message that was recognised among a side's first payloads: who sent it, and as its how many."""

    side: int
    location: Location
    role: Role
    ordinal: int


class Unreachable(NamedTuple):
    """An ICMP error that quotes a packet of the conversation. `side` sent the quoted packet."""

    location: Location
    kind: int
    code: int
    reporter: str
    side: int
    quoted: QuotedPacket


class Join(NamedTuple):
    """A record that says why conversations with different ends are one: the rule, and what the record prints."""

    rule: str
    location: Location | None
    ends: tuple[Endpoint, Endpoint]
    value: str


class ToldError(NamedTuple):
    """A destination unreachable as a flow record tells it, without the packet. `side` sent what it answers."""

    location: Location
    source: str
    kind: int
    code: int
    reporter: str
    side: int


@dataclass(slots=True)
class Side:
    """What one end sent: counts, and the first packet of each kind (TCP: by its flags)."""

    endpoint: Endpoint
    packets: int = 0
    payload_bytes: int = 0
    first: Location | None = None
    syn: Location | None = None
    isns: tuple[int, ...] = ()
    syn_count: int = 0
    syn_ack: Location | None = None
    syn_ack_acks: tuple[int, ...] = ()
    rst: Location | None = None
    rst_has_ack: bool = False
    rst_answers_syn: bool = False
    fin: Location | None = None
    data: Location | None = None
    other: Location | None = None  # any segment that is no SYN, SYN-ACK or RST
    without_ack: Location | None = None  # the same, with no ACK and no SYN
    next_seq: int | None = None
    icmp_type: int | None = None
    payloads: int = 0  # how many of its payloads were looked at for what is spoken
    reached: Reached = NOTHING  # how far its bytes are whole (`gaps`)
    syn_fin: Location | None = None  # odd in bulk, so no row of `bulk.table` has it

    @property
    def probe(self) -> Location | None:
        """The first segment that answers nothing, and opens nothing by the rules: a null, FIN, Xmas or SYN and FIN."""
        return self.without_ack or self.syn_fin

    @property
    def only_reset(self) -> bool:
        """Did this end send resets and nothing else? So does a host that is answered and never asked."""
        return self.rst is not None and not (self.syn or self.syn_ack or self.other)

    @property
    def went_on(self) -> bool:
        """Did this end send anything that only follows a handshake (an ACK, data, a FIN)?"""
        return self.other is not None


class Caused(NamedTuple):
    """Why an ICMP error was sent: the first packet of the conversation that it quotes, and the error. Both were captured."""

    packet: Location
    error: Location


class Traffic:
    """One conversation in the making. `sides[0]` is the source of its first record."""

    __slots__ = (
        "beginnings", "caused_by", "ends", "first_ns", "has_packets", "history", "joins", "last_ns", "layers", "logs", "one_sided", "protocol", "records",
        "sides", "spoken", "told_errors", "unreachables", "views",
    )  # fmt: skip

    def __init__(
        self,
        protocol: Protocol,
        src: Endpoint,
        dst: Endpoint,
        time_ns: int,
        sides: tuple[Side, Side] | None = None,
    ) -> None:
        self.protocol = protocol
        self.ends = src, dst
        if sides is not None:
            self.sides = sides
        self.first_ns = self.last_ns = time_ns
        self.has_packets = False
        self.layers: tuple[str, ...] = ()
        self.views: Views = ()  # the two ends as other records print them, in the order of `sides`
        self.joins: tuple[Join, ...] = ()
        self.history: list[tuple[int, str]] = []
        self.records: list[Location] = []
        self.spoken: list[Spoken] = []
        self.unreachables: tuple[Unreachable, ...] = ()
        self.caused_by: Caused | None = None
        self.logs: list[Log] = []
        self.one_sided: frozenset[str] = frozenset()  # the sources that report one direction only (`halves`)
        self.told_errors: tuple[ToldError, ...] = ()  # by flow records (`icmp_flows`)
        self.beginnings: frozenset[str] = frozenset()  # the sources whose log saw the conversation begin

    def __getattr__(self, name: str) -> tuple[Side, Side]:
        """Make the sides when they are first asked for: of most that logs tell they never are, and they are large."""
        if name != "sides":
            raise AttributeError(name)
        self.sides = Side(self.ends[0]), Side(self.ends[1])
        return self.sides

    @property
    def is_closed(self) -> bool:
        """Has either end sent a RST or a FIN? Then a fresh SYN opens another conversation."""
        return any(side.rst is not None or side.fin is not None for side in self.sides)

    def side_of(self, endpoint: Endpoint) -> int | None:
        """Return the index of the side that is `endpoint`, here or beyond a translation."""
        if endpoint == self.ends[0]:
            return 0
        if endpoint == self.ends[1]:
            return 1
        return next((view.index(endpoint) for view in self.views if endpoint in view), None)

    def add_view(self, view: tuple[Endpoint, Endpoint]) -> None:
        if view not in self.views and len(self.views) < MAX_VIEWS:
            self.views = (*self.views, view)

    def add_join(self, join: Join) -> None:
        if len(self.joins) < MAX_VIEWS:
            self.joins = (*self.joins, join)

    def spread(self, first_ns: int, last_ns: int) -> None:
        self.first_ns = min(self.first_ns, first_ns)
        self.last_ns = max(self.last_ns, last_ns)

    def note_record(self, location: Location | None) -> None:
        if location is not None and len(self.records) < MAX_RECORDS:
            self.records.append(location)

    def add(self, packet: Packet) -> None:
        """Count a packet and keep what the rungs will ask for."""
        index = 0 if packet.src == self.ends[0] else 1
        side = self.sides[index]
        if not self.has_packets:
            self.has_packets, self.layers = True, packet.layers
        self.spread(packet.time_ns, packet.time_ns)
        self.note_record(packet.location)
        side.packets += 1
        side.payload_bytes += packet.payload_bytes
        side.first = side.first or packet.location
        if packet.payload_bytes:
            self._add_payload(index, side, packet)
        if packet.is_later_fragment:
            return  # it has no header of its own
        if packet.protocol is Protocol.TCP:
            add_segment(side, packet)
        elif packet.protocol is Protocol.ICMP and side.icmp_type is None:
            side.icmp_type = packet.icmp_type

    def add_log(self, log: Log, is_beginning: bool) -> None:
        self.logs.append(log)
        self.note_record(log.location)
        if is_beginning:
            self.beginnings |= {log.source}

    def _add_payload(self, index: int, side: Side, packet: Packet) -> None:
        side.data = side.data or packet.location
        if packet.payload and side.payloads < MAX_PAYLOADS:
            side.payloads += 1
            data = packet.payload[:PAYLOAD_BYTES]
            message = Message(data, packet.payload_bytes, packet.src.port, packet.dst.port)
            role = recognise(packet.protocol, message)
            if role is not None:
                self.spoken.append(Spoken(index, packet.location, role, side.payloads))


def add_segment(side: Side, packet: Packet) -> None:
    """Sort a TCP segment by its flags (RFC 9293, 3.1). SYN with FIN or RST is no valid opening."""
    flags = packet.flags
    if flags & RST:
        _add_reset(side, packet)
    elif flags & (SYN | ACK | FIN) == SYN:
        _add_syn(side, packet)
    elif flags & (SYN | ACK | FIN) == SYN | ACK:
        _add_syn_ack(side, packet)
    else:
        side.other = side.other or packet.location
        if flags & (SYN | ACK) == SYN:
            side.syn_fin = side.syn_fin or packet.location
        elif not flags & ACK:
            side.without_ack = side.without_ack or packet.location
    if flags & FIN:
        side.fin = side.fin or packet.location
    side.next_seq = (packet.seq + packet.payload_bytes + bool(flags & (SYN | FIN))) & 0xFFFFFFFF


def _add_syn(side: Side, packet: Packet) -> None:
    side.syn = side.syn or packet.location
    side.syn_count += 1
    if packet.seq not in side.isns and len(side.isns) < MAX_ATTEMPTS:
        side.isns = (*side.isns, packet.seq)


def _add_syn_ack(side: Side, packet: Packet) -> None:
    side.syn_ack = side.syn_ack or packet.location
    if packet.ack not in side.syn_ack_acks and len(side.syn_ack_acks) < MAX_ATTEMPTS:
        side.syn_ack_acks = (*side.syn_ack_acks, packet.ack)


def _add_reset(side: Side, packet: Packet) -> None:
    """RFC 9293, 3.10.7.1: a reset that answers a SYN has sequence number 0 and acknowledges it."""
    if side.rst is None:
        side.rst = packet.location
        side.rst_has_ack = bool(packet.flags & ACK)
        side.rst_answers_syn = side.rst_has_ack and packet.seq == 0


@lru_cache(maxsize=65536)
def is_group(ip: str) -> bool:
    """Is the address multicast or broadcast? A directed broadcast cannot be told without its network's mask."""
    try:
        found = ip_address(ip)
    except ValueError:  # sshd's log names its own host
        return False
    return found.is_multicast or ip == "255.255.255.255"
