"""TCP packet by packet: what two hosts' network stacks send each other, and when.

A talk is played on the senders' clocks; a tap sees it later (`network.Tap`). What the two sides
say is in `messages/`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from tickets.engine.types import Protocol, TcpFlags
from tickets.simulator.addresses import is_ipv6
from tickets.simulator.dialogues.segments import (
    TIMESTAMP_OPTION_BYTES,
    Offer,
    segment_bytes,
    write_sack_block,
    write_stamps,
    write_syn_options,
)
from tickets.simulator.messages.turns import Turn
from tickets.simulator.network import Dialogue, SentPacket, Socket, travel_ns
from tickets.simulator.randomness import Stream
from tickets.simulator.systems import LINUX, SCANNERS, IpIds, TcpOption

STACK_NS = 90_000
BURST_GAP_NS = 45_000
FIRST_FLIGHT = 10  # segments before the first acknowledgement is awaited (RFC 6928)
NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
SYN, ACK, FIN, RST, PSH = TcpFlags.SYN, TcpFlags.ACK, TcpFlags.FIN, TcpFlags.RST, TcpFlags.PSH
SYN_ACK_RETRIES_NS = (1 * NS_PER_S, 3 * NS_PER_S, 7 * NS_PER_S)
LATE_RETRIES = 3
SLICES_OF_A_STREAM = 24


@dataclass(slots=True)
class Side:
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
        self._is_ipv6 = is_ipv6(client.host.ip)
        self.client = _new_side(client, chance, start_ns)
        self.server = _new_side(server, chance, start_ns)
        self._packets: list[SentPacket] = []

    def end(
        self, service: str = "", said: dict[str, str] | None = None, about: Dialogue | None = None
    ) -> Dialogue:
        """The dialogue as far as it was played, in the order of sending."""
        return Dialogue(
            client=self.client.socket,
            server=self.server.socket,
            protocol=Protocol.TCP,
            packets=tuple(sorted(self._packets, key=lambda packet: packet.sent_ns)),
            service=service,
            said=said or {},
            about=about,
        )

    # Opening, or failing to.

    def shake_hands(self, attempts: int = 1) -> None:
        """SYN, SYN-ACK, ACK (RFC 9293, 3.5), with the options that both sides know. With more attempts than one
        the first SYNs get lost beyond the tap and are sent again."""
        client, server = self.client, self.server
        client.agreed = client.socket.host.system.options
        arrival_ns = self._send_syns(attempts)
        arrival_ns = self._answer_syn(arrival_ns)
        client.agreed = server.agreed
        arrival_ns = self._send(client, arrival_ns + self._reaction_ns(), ACK)
        client.free_ns, server.free_ns = client.last_sent_ns, arrival_ns

    def shake_hands_at_once(self) -> None:
        """Both sides open at the same moment: two SYNs that cross, two SYN-ACKs (RFC 9293, 3.5, figure 7)."""
        client, server = self.client, self.server
        numbers = client.next_seq, server.next_seq
        for side in (client, server):
            side.agreed = client.socket.host.system.options & server.socket.host.system.options
        begun_ns = client.free_ns
        there_ns = self._send(client, begun_ns, SYN)
        back_ns = self._send(server, begun_ns + self._travel_ns() // 3, SYN)
        client.next_seq, server.next_seq = numbers
        client.free_ns = self._send(server, there_ns + self._reaction_ns(), SYN | ACK)
        server.free_ns = self._send(client, back_ns + self._reaction_ns(), SYN | ACK)

    def knock_in_vain(self) -> None:
        """A SYN, sent again as the system does it with the same number, and no answer."""
        self.client.agreed = self.client.socket.host.system.options
        self._send_syns(1 + len(self.client.socket.host.system.retries_ns))

    def knock_once(self) -> None:
        """A SYN that is given up before it would be sent again."""
        self.client.agreed = self.client.socket.host.system.options
        self._send_syns(1)

    def knock_refused(self, attempts: int = 1) -> None:
        """A SYN to a port without a service: RST and ACK with sequence 0 (RFC 9293, 3.10.7.1). Windows tries
        again, twice."""
        self.client.agreed = self.client.socket.host.system.options
        first_seq = self.client.next_seq
        for attempt in range(attempts):
            self.client.next_seq = first_seq
            begun_ns = self.client.free_ns + attempt * 500 * NS_PER_MS
            arrival_ns = self._send(self.client, begun_ns, SYN)
            self.server.next_seq = 0
            self._send(self.server, arrival_ns + self._reaction_ns(), RST | ACK)

    def knock_half_open(self, *, is_reset: bool = True) -> None:
        """SYN and SYN-ACK. A scanner writes its SYN past its system, which knows nothing of it and answers with a
        RST (no ACK: RFC 9293, 3.10.7.1); or nobody answers, and the SYN-ACK is sent again."""
        self.client.agreed = self.client.socket.host.system.options
        arrival_ns = self._answer_syn(self._send_syns(1))
        if is_reset:
            self._send(self.client, arrival_ns + self._reaction_ns(), RST)
            return
        first_seq, answered_ns = self.server.next_seq - 1, self.server.last_sent_ns
        for retry_ns in SYN_ACK_RETRIES_NS:
            self.server.next_seq = first_seq
            self._send(self.server, answered_ns + retry_ns + self._chance.below(9 * NS_PER_MS), SYN | ACK)

    def probe(self, flags: TcpFlags, *, is_answered: bool, is_resent: bool = False) -> None:
        """A segment out of the blue (ACK, FIN, Xmas, null scan). A closed port answers with a RST, an open one
        only where the probe has an ACK (RFC 9293, 3.10.7.1 and 3.10.7.2)."""
        first = self.client.next_seq
        if flags & ACK:
            self.client.heard.append((0, self._chance.between(1, 0xFFFFFFFF), 0))
        begun_ns = self.client.free_ns
        for again in range(2 if is_resent else 1):
            self.client.next_seq = first
            arrival_ns = self._send(self.client, begun_ns + again * NS_PER_S, flags)
        if not is_answered:
            return
        if flags & ACK:
            self.server.next_seq = self._packets[-1].ack
            self._send(self.server, arrival_ns + self._reaction_ns(), RST)
        else:
            self.server.next_seq = 0
            self._send(self.server, arrival_ns + self._reaction_ns(), RST | ACK)

    def scatter_back(self, *, is_reset: bool) -> None:
        """A SYN-ACK to someone who never asked: the client here is the server that a third party's forged SYN
        reached. An idle host resets it (RST, its number the acknowledged one); an unused address stays silent."""
        self.client.agreed = self.client.socket.host.system.options & ~TcpOption.TIMESTAMPS
        self.client.heard.append((0, self._chance.between(1, 0xFFFFFFFF), 0))
        arrival_ns = self._send(self.client, self.client.free_ns, SYN | ACK)
        if is_reset:
            self.server.next_seq = self._packets[-1].ack
            self._send(self.server, arrival_ns + self._reaction_ns(), RST)
            return
        first_seq = self.client.next_seq - 1
        for retry_ns in SYN_ACK_RETRIES_NS[:2]:
            self.client.next_seq = first_seq
            self._send(self.client, self.client.free_ns + retry_ns, SYN | ACK)

    def _send_syns(self, attempts: int) -> int:
        """The same SYN as often as the system sends it; returns when the last arrives."""
        side = self.client
        first_seq, start_ns = side.next_seq, side.free_ns
        arrival_ns = start_ns
        for retry_ns in (0, *side.socket.host.system.retries_ns)[:attempts]:
            side.next_seq = first_seq
            late_ns = self._chance.between(0, 14 * NS_PER_MS) if retry_ns else 0
            arrival_ns = self._send(side, start_ns + retry_ns + late_ns, SYN)
        return arrival_ns

    def _answer_syn(self, arrival_ns: int) -> int:
        self.server.agreed = self.client.agreed & self.server.socket.host.system.options
        self.server.agreed |= self.server.socket.host.system.options & TcpOption.SEGMENT
        return self._send(self.server, arrival_ns + self._reaction_ns(), SYN | ACK)

    # Talking.

    def play(self, turns: Iterable[Turn]) -> None:
        """A script of messages, each after about its pause for thought."""
        for turn in turns:
            sender = self.client if turn.from_client else self.server
            self.say(sender, turn.payload, self._chance.about(turn.think_ns))

    def say(self, sender: Side, payload: bytes, think_ns: int) -> None:
        """A message after a pause for thought: segments, acknowledged two by two and at the end."""
        receiver = self._other(sender)
        pieces = self._cut(sender, payload)
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
                send_ns += 2 * self._travel_ns()
        self._settle(sender, receiver)

    def say_with_loss(self, sender: Side, payload: bytes, think_ns: int, lost: int) -> None:
        """A message whose segment number `lost` (from 1) disappears beyond the tap. What follows it is acknowledged
        with the number before the hole; after three such the segment goes again, or when its timer runs out
        (RFC 5681, 3.2; RFC 6298)."""
        receiver, pieces = self._other(sender), self._cut(sender, payload)
        starts = list(accumulate(map(len, pieces), initial=sender.next_seq))
        send_ns = sender.free_ns + think_ns
        doubted: list[int] = []
        for number, piece in enumerate(pieces, 1):
            flags = ACK | (PSH if number == len(pieces) else TcpFlags.NONE)
            arrival_ns = self._send(sender, send_ns, flags, piece, is_heard=number < lost)
            if number > lost:
                block = (starts[lost] & 0xFFFFFFFF, (starts[number - 1] + len(piece)) & 0xFFFFFFFF)
                self._send(receiver, arrival_ns + self._reaction_ns(), ACK, beyond=block)
                doubted.append(receiver.last_sent_ns + self._travel_ns())
            elif number < lost and number % 2 == 0:
                self._send(receiver, arrival_ns + self._reaction_ns(), ACK)
            send_ns += self._chance.about(BURST_GAP_NS)
        again_ns = sender.last_sent_ns + sender.socket.host.system.resend_ns + 2 * self._travel_ns()
        if len(doubted) >= 3:
            again_ns = max(doubted[2], sender.last_sent_ns) + self._reaction_ns()
        after, sender.next_seq = sender.next_seq, starts[lost - 1] & 0xFFFFFFFF
        flags = ACK | (PSH if lost == len(pieces) else TcpFlags.NONE)
        arrival_ns = self._send(sender, again_ns, flags, pieces[lost - 1], is_heard=False)
        sender.next_seq = after
        receiver.heard.append((arrival_ns, after, self._stamp(sender, again_ns)))
        self._send(receiver, arrival_ns + self._reaction_ns(), ACK)
        self._settle(sender, receiver)

    def stream(self, sender: Side, size: int, bytes_per_s: int, block: bytes) -> None:
        """A transfer too long to be told packet by packet: each packet here stands for many alike (`copies`).
        Flow meters count them; a capture cannot show them."""
        receiver = self._other(sender)
        room = self._room(sender)
        piece = (block * (room // len(block) + 1))[:room]
        segments, slices = size // room, SLICES_OF_A_STREAM
        gap_ns = size * NS_PER_S // bytes_per_s // slices
        sender.free_ns += self._chance.about(2 * NS_PER_MS)
        for number in range(slices):
            copies = segments // slices + (number < segments % slices)
            if copies:
                arrival_ns = self._send(sender, sender.free_ns, ACK, piece, copies=copies)
                self._send(receiver, arrival_ns + self._reaction_ns(), ACK, copies=max(1, copies // 2))
                sender.free_ns += self._chance.between(gap_ns * 9 // 10, gap_ns * 11 // 10)
        if rest := piece[: size % room]:
            self.say(sender, rest, self._chance.about(BURST_GAP_NS))
        self._settle(sender, receiver)

    def keep_alive(self, sender: Side, after_ns: int) -> None:
        """A probe with the number before the next one, and its acknowledgement (RFC 9293, 3.8.4). Windows puts a
        byte in it."""
        receiver = self._other(sender)
        sender.next_seq = (sender.next_seq - 1) & 0xFFFFFFFF
        filling = b"\x00" if sender.socket.host.system.ttl == 128 else b""
        arrival_ns = self._send(sender, sender.free_ns + after_ns, ACK, filling)
        if not filling:
            sender.next_seq = (sender.next_seq + 1) & 0xFFFFFFFF
            receiver.heard[-1] = (arrival_ns, sender.next_seq, receiver.heard[-1][2])
        self._send(receiver, arrival_ns + self._reaction_ns(), ACK)
        self._settle(sender, receiver)

    def wait(self, pause_ns: int) -> None:
        """Nobody says anything."""
        for side in (self.client, self.server):
            side.free_ns += pause_ns

    def continue_at(self, moment_ns: int) -> None:
        """Nobody says anything before this moment: something elsewhere is waited for."""
        for side in (self.client, self.server):
            side.free_ns = max(side.free_ns, moment_ns)

    def speak_too_late(self, sender: Side, payload: bytes, think_ns: int) -> None:
        """Data when the firewall has forgotten the conversation: dropped there, sent again, given up."""
        begun_ns, first_seq = sender.free_ns + think_ns, sender.next_seq
        wait_ns = 0
        for retry in range(1 + LATE_RETRIES):
            sender.next_seq = first_seq
            flags = ACK | PSH
            self._send(sender, begun_ns + wait_ns, flags, payload, is_heard=False, stops_at_firewall=True)
            wait_ns += sender.socket.host.system.resend_ns << retry
        sender.free_ns = sender.last_sent_ns

    # Ending.

    def part(self, first: Side, think_ns: int) -> None:
        """Both sides close, `first` before the other; the other's FIN rides on its ACK or follows it."""
        other = self._other(first)
        arrival_ns = self._send(first, first.free_ns + think_ns, FIN | ACK)
        if self._chance.happens(35):
            self._send(other, arrival_ns + self._reaction_ns(), ACK)
            arrival_ns += self._chance.about(400_000)
        arrival_ns = self._send(other, arrival_ns + self._reaction_ns(), FIN | ACK)
        self._send(first, arrival_ns + self._reaction_ns(), ACK)

    def reset(self, sender: Side, think_ns: int) -> None:
        """One side breaks it off (RFC 9293, 3.6.1 and 3.10.5)."""
        self._send(sender, sender.free_ns + think_ns, RST | ACK)

    # One segment.

    def _send(
        self,
        side: Side,
        at_ns: int,
        flags: TcpFlags,
        payload: bytes = b"",
        *,
        is_heard: bool = True,
        beyond: tuple[int, int] | None = None,
        copies: int = 1,
        stops_at_firewall: bool = False,
    ) -> int:
        """Put one segment on the wire; returns when it arrives, or would if it were heard."""
        sent_ns = max(at_ns, side.last_sent_ns + 3_000)
        other, system = self._other(side), side.socket.host.system
        opens, refuses = bool(flags & SYN), bool(flags & RST)
        is_by_hand = system in SCANNERS and not refuses
        received, peer_stamp = _latest(side.heard, sent_ns)
        stamp = self._stamp(side, sent_ns)
        self._packets.append(
            SentPacket(
                sent_ns=sent_ns,
                src=side.socket,
                dst=other.socket,
                protocol=Protocol.TCP,
                ip_id=self._ip_id(side, is_bare=(opens and bool(flags & ACK)) or refuses),
                payload=payload,
                seq=side.next_seq,
                ack=received if flags & ACK else 0,
                flags=flags,
                window=_window(side, flags, is_by_hand=is_by_hand),
                options=b""
                if refuses
                else self._options(side, (stamp, peer_stamp), opens=opens, beyond=beyond),
                dont_fragment=system.sends_dont_fragment,
                ttl=LINUX.ttl if system in SCANNERS and refuses else None,
                stops_at_firewall=stops_at_firewall,
                copies=copies,
            )
        )
        side.last_sent_ns = sent_ns
        side.ip_id = (side.ip_id + copies) & 0xFFFF
        side.next_seq = (side.next_seq + copies * len(payload) + bool(flags & (SYN | FIN))) & 0xFFFFFFFF
        arrival_ns = sent_ns + self._travel_ns()
        if is_heard:
            other.heard.append((arrival_ns, side.next_seq, stamp))
        return arrival_ns

    def _options(
        self, side: Side, stamps_ms: tuple[int, int], *, opens: bool, beyond: tuple[int, int] | None
    ) -> bytes:
        stamps = write_stamps(*stamps_ms)
        if opens:
            return write_syn_options(Offer(side.socket.host.system, side.agreed, stamps, self._is_ipv6))
        options = b"\x01\x01" + stamps if side.agreed & TcpOption.TIMESTAMPS else b""
        if beyond and side.agreed & TcpOption.SACK:
            options += write_sack_block(*beyond)
        return options

    def _ip_id(self, side: Side, *, is_bare: bool) -> int:
        system = LINUX if is_bare and side.socket.host.system in SCANNERS else side.socket.host.system
        if self._is_ipv6 or (system.ip_ids is IpIds.COUNTED_ONCE_OPEN and is_bare):
            return 0
        fixed = {IpIds.FIXED: system.fixed_ip_id, IpIds.ZERO: 0}
        if system.ip_ids is IpIds.RANDOM:
            return self._chance.below(1 << 16)
        return fixed.get(system.ip_ids, side.ip_id)

    def _room(self, sender: Side) -> int:
        """How much a segment holds: what both sides take, less the timestamps."""
        sizes = (
            segment_bytes(side.socket.host.system, is_ipv6=self._is_ipv6)
            for side in (self.client, self.server)
        )
        return min(sizes) - (TIMESTAMP_OPTION_BYTES if sender.agreed & TcpOption.TIMESTAMPS else 0)

    def _cut(self, sender: Side, payload: bytes) -> list[bytes]:
        room = self._room(sender)
        return [payload[at : at + room] for at in range(0, len(payload), room)]

    def _settle(self, sender: Side, receiver: Side) -> None:
        """After a message: the sender waits for the last acknowledgement, the receiver may speak."""
        sender.free_ns = max(sender.last_sent_ns, receiver.last_sent_ns + self._travel_ns())
        receiver.free_ns = receiver.last_sent_ns

    def _stamp(self, side: Side, sent_ns: int) -> int:
        return (side.uptime_ms + sent_ns // NS_PER_MS) & 0xFFFFFFFF

    def _other(self, side: Side) -> Side:
        return self.server if side is self.client else self.client

    def _travel_ns(self) -> int:
        return travel_ns(self.client.socket.host, self.server.socket.host)

    def _reaction_ns(self) -> int:
        """A network stack's answer, and the path's small unrest: half a percent of the way."""
        return self._chance.about(STACK_NS) + self._chance.about(self._travel_ns() // 200 + 1)


def _new_side(socket: Socket, chance: Stream, start_ns: int) -> Side:
    return Side(
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


def _window(side: Side, flags: TcpFlags, *, is_by_hand: bool) -> int:
    system = side.socket.host.system
    if flags & RST:
        return 0
    if flags & SYN and flags & ACK and side.agreed & TcpOption.TIMESTAMPS:
        return system.stamped_answer_window or system.syn_window
    if flags & SYN or is_by_hand:
        return system.syn_window
    return min(0xFFFF, system.window >> (system.window_shift if side.agreed & TcpOption.SCALE else 0))
