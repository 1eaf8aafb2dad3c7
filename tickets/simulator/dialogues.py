"""Conversations packet by packet: what two hosts' network stacks send each other, and when.

A dialogue is played on the senders' clocks; a tap sees it later (`network.Tap`). What the two sides
say is in `messages.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tickets.engine.types import Protocol, TcpFlags
from tickets.simulator.network import Dialogue, SentPacket, Socket, travel_ns
from tickets.simulator.randomness import Stream
from tickets.simulator.systems import IpIds, OperatingSystem, OptionOrder, TcpOption

TIMESTAMP_OPTION_BYTES = 12
STACK_NS = 90_000
BURST_GAP_NS = 45_000
FIRST_FLIGHT = 10  # segments before the first acknowledgement is awaited (RFC 6928)
NS_PER_MS = 1_000_000
SYN, ACK, FIN, RST, PSH = TcpFlags.SYN, TcpFlags.ACK, TcpFlags.FIN, TcpFlags.RST, TcpFlags.PSH


@dataclass(slots=True)
class _Side:
    """One end's state: the next number it sends, when it may act again, and what has reached it:
    for each of the peer's segments when it arrived, the number after it, the peer's timestamp."""

    socket: Socket
    next_seq: int
    ip_id: int
    uptime_ms: int
    heard: list[tuple[int, int, int]] = field(default_factory=list)
    last_sent_ns: int = 0
    free_ns: int = 0
    agreed: TcpOption = field(default=TcpOption.NONE)


class TcpTalk:
    """A TCP conversation while it is being played. Both sides take turns; times are in ns."""

    def __init__(self, client: Socket, server: Socket, start_ns: int, chance: Stream) -> None:
        self._chance = chance
        self.client = _new_side(client, chance, start_ns)
        self.server = _new_side(server, chance, start_ns)
        self._packets: list[SentPacket] = []

    def end(self, service: str = "", said: dict[str, str] | None = None) -> Dialogue:
        """The dialogue as far as it was played, in the order of sending."""
        return Dialogue(
            client=self.client.socket,
            server=self.server.socket,
            protocol=Protocol.TCP,
            packets=tuple(sorted(self._packets, key=lambda packet: packet.sent_ns)),
            service=service,
            said=said or {},
        )

    def shake_hands(self) -> None:
        """SYN, SYN-ACK, ACK (RFC 9293, 3.5), with the options that both sides know."""
        client, server = self.client, self.server
        client.agreed = client.socket.host.system.options
        server.agreed = client.agreed & server.socket.host.system.options
        arrival_ns = self._send(client, client.free_ns, SYN)
        arrival_ns = self._send(server, arrival_ns + self._reaction_ns(), SYN | ACK)
        client.agreed = server.agreed
        arrival_ns = self._send(client, arrival_ns + self._reaction_ns(), ACK)
        client.free_ns, server.free_ns = client.last_sent_ns, arrival_ns

    def knock_in_vain(self) -> None:
        """A SYN, sent again as the system does it with the same number, and no answer."""
        side = self.client
        side.agreed = side.socket.host.system.options
        first_seq, start_ns = side.next_seq, side.free_ns
        for retry_ns in (0, *side.socket.host.system.retries_ns):
            side.next_seq = first_seq
            late_ns = self._chance.between(0, 14 * NS_PER_MS) if retry_ns else 0
            self._send(side, start_ns + retry_ns + late_ns, SYN)

    def knock_refused(self) -> None:
        """A SYN to a port without a service: RST and ACK with sequence 0 (RFC 9293, 3.10.7.1)."""
        self.client.agreed = self.client.socket.host.system.options
        arrival_ns = self._send(self.client, self.client.free_ns, SYN)
        self.server.next_seq = 0
        self._send(self.server, arrival_ns + self._reaction_ns(), RST | ACK)

    def say(self, sender: _Side, payload: bytes, think_ns: int) -> None:
        """A message after a pause for thought: segments, acknowledged two by two and at the end."""
        receiver = self._other(sender)
        size = min(sender.socket.host.system.mss, receiver.socket.host.system.mss) - (
            TIMESTAMP_OPTION_BYTES if sender.agreed & TcpOption.TIMESTAMPS else 0
        )
        pieces = [payload[at : at + size] for at in range(0, len(payload), size)]
        send_ns = sender.free_ns + think_ns
        for number, piece in enumerate(pieces, 1):
            is_last = number == len(pieces)
            arrival_ns = self._send(sender, send_ns, ACK | (PSH if is_last else TcpFlags.NONE), piece)
            if number % 2 == 0:
                self._send(receiver, arrival_ns + self._reaction_ns(), ACK)
            elif is_last:
                wait_ns = receiver.socket.host.system.delayed_ack_ns
                self._send(receiver, arrival_ns + self._reaction_ns() + wait_ns, ACK)
            send_ns += self._chance.about(BURST_GAP_NS)
            if number % FIRST_FLIGHT == 0:
                send_ns += 2 * travel_ns(sender.socket.host, receiver.socket.host)
        sender.free_ns = max(sender.last_sent_ns, receiver.last_sent_ns + self._travel_ns())
        receiver.free_ns = receiver.last_sent_ns

    def part(self, first: _Side, think_ns: int) -> None:
        """Both sides close, `first` before the other; the other's FIN rides on its ACK or follows it."""
        other = self._other(first)
        arrival_ns = self._send(first, first.free_ns + think_ns, FIN | ACK)
        if self._chance.happens(35):
            self._send(other, arrival_ns + self._reaction_ns(), ACK)
            arrival_ns += self._chance.about(400_000)
        arrival_ns = self._send(other, arrival_ns + self._reaction_ns(), FIN | ACK)
        self._send(first, arrival_ns + self._reaction_ns(), ACK)

    def _send(self, side: _Side, at_ns: int, flags: TcpFlags, payload: bytes = b"") -> int:
        """Put one segment on the wire; returns when it arrives."""
        sent_ns = max(at_ns, side.last_sent_ns + 3_000)
        other = self._other(side)
        opens, refuses = bool(flags & SYN), bool(flags & RST)
        bare = (opens and bool(flags & ACK)) or refuses
        received, peer_stamp = _latest(side.heard, sent_ns)
        stamp = (side.uptime_ms + sent_ns // NS_PER_MS) & 0xFFFFFFFF
        self._packets.append(
            SentPacket(
                sent_ns=sent_ns,
                src=side.socket,
                dst=other.socket,
                protocol=Protocol.TCP,
                ip_id=self._ip_id(side, is_bare=bare),
                payload=payload,
                seq=side.next_seq,
                ack=received if flags & ACK else 0,
                flags=flags,
                window=_window(side, opens=opens, refuses=refuses),
                options=b"" if refuses else _options(side, (stamp, peer_stamp), opens=opens),
            )
        )
        side.last_sent_ns = sent_ns
        side.ip_id = (side.ip_id + 1) & 0xFFFF
        side.next_seq = (side.next_seq + len(payload) + bool(flags & (SYN | FIN))) & 0xFFFFFFFF
        arrival_ns = sent_ns + self._travel_ns()
        other.heard.append((arrival_ns, side.next_seq, stamp))
        return arrival_ns

    def _ip_id(self, side: _Side, *, is_bare: bool) -> int:
        system = side.socket.host.system
        if system.ip_ids is IpIds.COUNTED_ONCE_OPEN and is_bare:
            return 0
        fixed = {IpIds.FIXED: system.fixed_ip_id, IpIds.ZERO: 0}
        if system.ip_ids is IpIds.RANDOM:
            return self._chance.below(1 << 16)
        return fixed.get(system.ip_ids, side.ip_id)

    def _other(self, side: _Side) -> _Side:
        return self.server if side is self.client else self.client

    def _travel_ns(self) -> int:
        return travel_ns(self.client.socket.host, self.server.socket.host)

    def _reaction_ns(self) -> int:
        """A network stack's answer, and the path's small unrest: half a percent of the way."""
        return self._chance.about(STACK_NS) + self._chance.about(self._travel_ns() // 200 + 1)


def _new_side(socket: Socket, chance: Stream, start_ns: int) -> _Side:
    return _Side(
        socket=socket,
        next_seq=chance.between(1, 0xFFFFFFFF),
        ip_id=chance.between(1, 0xFFFF),
        uptime_ms=chance.below(1 << 32),
        free_ns=start_ns,
    )


def _latest(heard: list[tuple[int, int, int]], at_ns: int) -> tuple[int, int]:
    """The number to acknowledge and the timestamp to echo for what had arrived at `at_ns`."""
    for arrival_ns, next_seq, stamp in reversed(heard):
        if arrival_ns <= at_ns:
            return next_seq, stamp
    return 0, 0


def _window(side: _Side, *, opens: bool, refuses: bool) -> int:
    system = side.socket.host.system
    if refuses:
        return 0
    if opens:
        return system.syn_window
    return min(0xFFFF, system.window >> (system.window_shift if side.agreed & TcpOption.SCALE else 0))


def _options(side: _Side, stamps_ms: tuple[int, int], *, opens: bool) -> bytes:
    """Option bytes in the order in which the system writes them; a whole number of 32-bit words."""
    system, agreed = side.socket.host.system, side.agreed
    stamps = b"\x08\x0a" + b"".join(stamp.to_bytes(4, "big") for stamp in stamps_ms)
    if not opens:
        return b"\x01\x01" + stamps if agreed & TcpOption.TIMESTAMPS else b""
    return _SYN_OPTIONS[system.order](_Offer(system, agreed, stamps))


class _Offer(NamedTuple):
    """What a SYN offers: each option padded as most systems pad it."""

    system: OperatingSystem
    agreed: TcpOption
    stamps: bytes

    @property
    def segment(self) -> bytes:
        return b"\x02\x04" + self.system.mss.to_bytes(2, "big") if self.agreed & TcpOption.SEGMENT else b""

    @property
    def scale(self) -> bytes:
        shift = bytes([self.system.window_shift])
        return b"\x01\x03\x03" + shift if self.agreed & TcpOption.SCALE else b""

    @property
    def sack(self) -> bytes:
        return b"\x01\x01\x04\x02" if self.agreed & TcpOption.SACK else b""

    @property
    def has_stamps(self) -> bool:
        return bool(self.agreed & TcpOption.TIMESTAMPS)


def _linux_options(offer: _Offer) -> bytes:
    """SACK takes the place of the filling before the timestamps."""
    if not offer.has_stamps:
        return offer.segment + offer.sack + offer.scale
    before = b"\x04\x02" if offer.agreed & TcpOption.SACK else b"\x01\x01"
    return offer.segment + before + offer.stamps + offer.scale


def _windows_options(offer: _Offer) -> bytes:
    if not offer.has_stamps:
        return offer.segment + offer.scale + offer.sack
    return offer.segment + offer.scale + b"\x04\x02" + offer.stamps


def _apple_options(offer: _Offer) -> bytes:
    if not offer.has_stamps:
        return offer.segment + offer.scale + offer.sack
    sack = b"\x04\x02\x00\x00" if offer.agreed & TcpOption.SACK else b""
    return offer.segment + offer.scale + b"\x01\x01" + offer.stamps + sack


_SYN_OPTIONS = {
    OptionOrder.LINUX: _linux_options,
    OptionOrder.WINDOWS: _windows_options,
    OptionOrder.APPLE: _apple_options,
}


def play_exchange(
    client: Socket,
    server: Socket,
    start_ns: int,
    messages: Sequence[tuple[bytes, bytes]],
    *,
    think_ns: int,
    service: str,
    chance: Stream,
    said: dict[str, str] | None = None,
) -> Dialogue:
    """UDP questions, each answered after about `think_ns`."""
    ids = {client: chance.between(1, 0xFFFF), server: chance.between(1, 0xFFFF)}
    way_ns = travel_ns(client.host, server.host)
    packets: list[SentPacket] = []
    at_ns = start_ns
    for pair in messages:
        for (src, dst), payload in zip(((client, server), (server, client)), pair, strict=True):
            packets.append(
                SentPacket(
                    sent_ns=at_ns,
                    src=src,
                    dst=dst,
                    protocol=Protocol.UDP,
                    ip_id=ids[src],
                    payload=payload,
                    dont_fragment=src is client,
                )
            )
            ids[src] = (ids[src] + 1) & 0xFFFF
            at_ns += way_ns + chance.about(think_ns)
    return Dialogue(
        client=client,
        server=server,
        protocol=Protocol.UDP,
        packets=tuple(packets),
        service=service,
        said=said or {},
    )
