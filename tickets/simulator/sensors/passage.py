"""How a dialogue passes the firewall in the middle: what its policy denies, which sessions it keeps, what is stray.

All firewalls here are stateful. A session begins with a SYN, a datagram or an echo request that the policy
permits; packets that fit no session are denied whatever the policy says. How long a session waits for the next
packet differs from make to make (`Timeouts`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.clock import DeviceClock
from tickets.simulator.network import (
    Dialogue,
    Firewall,
    SeenPacket,
    SentPacket,
    Socket,
    Translation,
    Zone,
)
from tickets.simulator.recording import Tally, count_ip_bytes, count_packets, count_payload_bytes
from tickets.simulator.sensors.lines import Ends
from tickets.simulator.sensors.segments import flags_of, is_fin, is_reset, is_syn, is_syn_ack


class Close(StrEnum):
    """Why a session is over."""

    FINS = "fins"
    RESET_BY_CLIENT = "reset by client"
    RESET_BY_SERVER = "reset by server"
    NEVER_OPENED = "never opened"
    IDLE = "idle"
    FORGOTTEN = "forgotten"  # the unit that knew it is out of service: nobody tells of its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long a session waits: for the handshake, when it stands, half closed, without a connection, for an echo."""

    opening_ns: int
    standing_ns: int
    closing_ns: int
    datagram_ns: int
    echo_ns: int


@dataclass(frozen=True, slots=True)
class Session:
    """One session in the firewall's table, from its first packet to the moment when it is forgotten."""

    dialogue: Dialogue
    packets: tuple[SeenPacket, ...]
    close: Close
    end_ns: int

    @property
    def client(self) -> Socket:
        return self.packets[0].packet.src

    @property
    def server(self) -> Socket:
        return self.packets[0].packet.dst

    @property
    def start_ns(self) -> int:
        return self.packets[0].time_ns

    @property
    def last_ns(self) -> int:
        return self.packets[-1].time_ns

    def tally(self, *, from_client: bool) -> Tally:
        """What one side sent. The frame of a packet is counted by sensors only: here it is the IP packet's size."""
        sent = [seen for seen in self.packets if (seen.packet.src == self.client) is from_client]
        size = count_ip_bytes(sent)
        return Tally(
            packets=count_packets(sent),
            frame_bytes=size,
            ip_bytes=size,
            payload_bytes=count_payload_bytes(sent),
            flags=flags_of(sent),
        )


@dataclass(frozen=True, slots=True)
class Passage:
    """What became of a dialogue's packets at the firewall."""

    sessions: tuple[Session, ...] = ()
    denied: tuple[SeenPacket, ...] = ()
    stray: tuple[SeenPacket, ...] = ()

    @property
    def ended(self) -> tuple[Session, ...]:
        """The sessions of which a device tells that writes a line when one is over."""
        return tuple(session for session in self.sessions if session.close is not Close.FORGOTTEN)


def arrives_at(packet: SentPacket) -> SeenPacket:
    """The packet when it reaches the firewall."""
    host = packet.src.host
    return SeenPacket(packet.sent_ns + host.delay_ns, packet.first_ttl - host.hops, packet)


def crosses(dialogue: Dialogue) -> bool:
    """Does it reach the firewall's policy? Hosts of one zone talk without it, and it does not judge its own words."""
    zones = {dialogue.client.host.zone, dialogue.server.host.zone}
    return len(zones) == 2 and Zone.DEVICE not in zones


def is_error(packet: SentPacket) -> bool:
    """An ICMP error goes with the conversation that it quotes (RFC 5508, 3): it opens no session."""
    return packet.quoted is not None


@dataclass(frozen=True, slots=True)
class Device:
    """The firewall as it writes its log: its policy, how it translates these dialogues, its clock."""

    firewall: Firewall
    translation: Translation
    clock: DeviceClock

    def mapped(self, protocol: Protocol, socket: Socket, peer: Socket) -> Endpoint:
        """How `peer` sees the socket: the Internet sees what the firewall makes of it."""
        if peer.host.zone is not Zone.OUTSIDE:
            return socket.endpoint
        return self.translation.outer(protocol, socket).endpoint

    def aimed_at(self, packet: SentPacket) -> Endpoint:
        """The destination that a packet carries when it arrives."""
        return self.mapped(packet.protocol, packet.dst, packet.src)

    def on_arrival(self, packet: SentPacket) -> Ends:
        """Its source and its destination as it comes in, before any translation."""
        return packet.src.endpoint, self.aimed_at(packet)

    def follow(self, dialogue: Dialogue, timeouts: Timeouts) -> Passage:
        """Lead the packets of a dialogue through the firewall."""
        own = (packet for packet in dialogue.packets if packet.src.host.zone is not Zone.DEVICE)
        packets = sorted(map(arrives_at, own), key=lambda seen: seen.time_ns)
        packets = [seen for seen in packets if not is_error(seen.packet)]
        if not self.firewall.admits(dialogue):
            return _refuse(dialogue, packets)
        table = _Table(dialogue, timeouts, self.firewall.forgets_ns)
        for seen in packets:
            table.take(seen)
        table.close_in_time()
        return Passage(sessions=tuple(table.sessions), stray=tuple(table.stray))


def make_device(dialogues: Iterable[Dialogue], firewall: Firewall, east_s: int = 0) -> Device:
    """The firewall between these dialogues, with its time zone `east_s` seconds east of UTC."""
    return Device(firewall, firewall.translate(dialogues), DeviceClock(firewall.skew_ns, east_s))


def _refuse(dialogue: Dialogue, packets: list[SeenPacket]) -> Passage:
    """The policy is asked about what would open a session; TCP that is past that is stray."""
    opening = [seen for seen in packets if dialogue.protocol is not Protocol.TCP or is_syn(seen)]
    return Passage(denied=tuple(opening), stray=tuple(seen for seen in packets if seen not in opening))


@dataclass(slots=True)
class _Table:
    """The session that is open at the moment, those that are over, and what fitted none."""

    dialogue: Dialogue
    timeouts: Timeouts
    forgets_ns: tuple[int, ...] = ()
    sessions: list[Session] = field(default_factory=list)
    stray: list[SeenPacket] = field(default_factory=list)
    open: list[SeenPacket] = field(default_factory=list)

    def take(self, seen: SeenPacket) -> None:
        if self.open and (seen.time_ns > self._expires_ns() or self._is_forgotten(seen.time_ns)):
            self.close_in_time()
        if not self.open and not self._may_open(seen):
            self.stray.append(seen)
            return
        self.open.append(seen)
        if self.dialogue.protocol is Protocol.TCP:
            self._close_on_sight(seen)

    def close_in_time(self) -> None:
        """Nothing more came: the session is forgotten when its time is over."""
        if self.open and self._is_forgotten(self._expires_ns()):
            self._close(Close.FORGOTTEN, self.open[-1].time_ns)
        elif self.open:
            never = self._is_tcp and not self._stands
            self._close(Close.NEVER_OPENED if never else Close.IDLE, self._expires_ns())

    def _is_forgotten(self, by_ns: int) -> bool:
        return any(self.open[-1].time_ns < moment <= by_ns for moment in self.forgets_ns)

    def _close_on_sight(self, seen: SeenPacket) -> None:
        if is_reset(seen):
            by_client = seen.packet.src == self.open[0].packet.src
            self._close(Close.RESET_BY_CLIENT if by_client else Close.RESET_BY_SERVER, seen.time_ns)
        elif self._both_closed and not is_fin(seen):
            self._close(Close.FINS, seen.time_ns)

    def _close(self, reason: Close, end_ns: int) -> None:
        self.sessions.append(Session(self.dialogue, tuple(self.open), reason, end_ns))
        self.open = []

    def _may_open(self, seen: SeenPacket) -> bool:
        return not self._is_tcp or is_syn(seen)

    @property
    def _is_tcp(self) -> bool:
        return self.dialogue.protocol is Protocol.TCP

    @property
    def _stands(self) -> bool:
        """Was the SYN-ACK answered by the side that asked?"""
        answered = False
        for seen in self.open:
            if answered and seen.packet.src == self.open[0].packet.src and not is_syn(seen):
                return True
            answered |= is_syn_ack(seen)
        return False

    @property
    def _both_closed(self) -> bool:
        return len({seen.packet.src for seen in self.open if is_fin(seen)}) == 2

    def _expires_ns(self) -> int:
        last_ns, times = self.open[-1].time_ns, self.timeouts
        if self.dialogue.protocol is Protocol.UDP:
            return last_ns + times.datagram_ns
        if not self._is_tcp:
            return last_ns + times.echo_ns
        if not self._stands:
            return last_ns + times.opening_ns
        return last_ns + (times.closing_ns if any(map(is_fin, self.open)) else times.standing_ns)
