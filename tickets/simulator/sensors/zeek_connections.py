"""How Zeek lays packets into connections: who is the originator, which state and history they have, when they end.

Source: Zeek's TCPSessionAdapter.cc, TCP.cc (likely server ports), base/protocols/conn/main.zeek and init-bare.zeek (timers).
A plain SYN settles the originator. Without one the first sender is held for it, unless its port is a likely server's
and the other's is not: then the roles are flipped (`^`). An answer where nobody asked flips them later, when it
is acknowledged, or because a parser of UDP knows its direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from tickets.engine.types import Protocol
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import SeenPacket, SentPacket
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Flow, Recording
from tickets.simulator.sensors.account import Account
from tickets.simulator.sensors.segments import ACK, FIN, RST, SYN, is_fin, is_reset, is_syn, is_syn_ack

ATTEMPT_NS = 5 * NS_PER_S  # tcp_attempt_delay: an unanswered SYN is given up
CLOSE_NS = 5 * NS_PER_S  # tcp_close_delay
RESET_NS = NS_PER_S // 10  # tcp_reset_delay
HALF_CLOSED_NS = 3 * NS_PER_S  # tcp_partial_close_delay
LINGER_NS = 11 * NS_PER_S  # tcp_connection_linger, and the timer that looks
IDLE_NS = {
    Protocol.TCP: 300 * NS_PER_S,
    Protocol.UDP: 60 * NS_PER_S,
    Protocol.ICMP: 60 * NS_PER_S,
}
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# The ports that the scripts of Zeek's parsers register, by transport.
LIKELY_SERVERS = {
    Protocol.TCP: frozenset(
        {
            *(
                21,
                22,
                25,
                53,
                80,
                81,
                88,
                110,
                135,
                139,
                143,
                389,
                443,
                445,
                465,
                502,
                514,
                563,
                585,
                587,
                614,
            ),
            *(
                631,
                636,
                989,
                990,
                992,
                993,
                995,
                1080,
                1433,
                1434,
                1883,
                2811,
                3128,
                3268,
                3306,
                3389,
                5060,
                5222,
            ),
            *(5223, 5269, 5432, 5900, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8883, 8888, 20000),
        }
    ),
    Protocol.UDP: frozenset(
        {
            *(
                53,
                67,
                68,
                88,
                123,
                137,
                138,
                161,
                162,
                443,
                500,
                514,
                1812,
                1813,
                2123,
                2152,
                3544,
                4011,
                4500,
            ),
            *(4789, 5060, 5353, 5355, 20000),
        }
    ),
    Protocol.ICMP: frozenset[int](),
}


class State(Enum):
    """What Zeek holds of one end."""

    INACTIVE = auto()
    SYN_SENT = auto()
    SYN_ACK_SENT = auto()
    PARTIAL = auto()
    ESTABLISHED = auto()
    CLOSED = auto()
    RESET = auto()


SILENT = (State.INACTIVE, State.PARTIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection as Zeek tells of it. Sizes are by sequence numbers, so they include what was missed."""

    account: Account
    uid: str
    state: str
    history: str
    orig_size: int
    resp_size: int
    missed: int
    saw_beginning: bool
    written_ns: int

    @property
    def lasted_ns(self) -> int:
        return self.account.end_ns - self.account.start_ns


def track_connections(recording: Recording, chance: Stream) -> tuple[Connection, ...]:
    """All connections of a recording, in the order in which Zeek lets go of them."""
    ids = chance.child("uid")
    connections = [
        _connection(tracker, "C" + "".join(ids.pick(BASE62) for _ in range(17)))
        for flow in recording.flows
        for tracker in _follow(flow)
    ]
    return tuple(sorted(connections, key=lambda connection: connection.written_ns))


def _follow(flow: Flow) -> list[_Tracker]:
    trackers: list[_Tracker] = []
    for seen in flow.packets:
        if not trackers or seen.time_ns > trackers[-1].forgotten_ns():
            trackers.append(_Tracker(flow, seen))
        trackers[-1].take(seen)
    return trackers


def _connection(tracker: _Tracker, uid: str) -> Connection:
    account = tracker.account()
    sizes = [_size(account.sent(from_orig=side), account.protocol) for side in (True, False)]
    return Connection(
        account=account,
        uid=uid,
        state=tracker.conn_state(),
        history=tracker.history(),
        orig_size=sizes[0],
        resp_size=sizes[1],
        missed=tracker.missed,
        saw_beginning=account.protocol is not Protocol.TCP
        or any(is_syn(seen) or is_syn_ack(seen) for seen in account.packets),
        written_ns=min(tracker.forgotten_ns(), _restart_ns(account.flow, tracker.forgotten_ns())),
    )


def _restart_ns(flow: Flow, otherwise_ns: int) -> int:
    """A sensor that is stopped writes what it still knows."""
    restarts = sorted(flow.tap.restarts_ns)
    return restarts[flow.part] + flow.tap.skew_ns if flow.part < len(restarts) else otherwise_ns


def _size(sent: Sequence[SeenPacket], protocol: Protocol) -> int:
    """Payload by sequence numbers, from the first byte after the SYN to the last that was announced. They are followed
    past 32 bits, as they go round in a long transfer."""
    if protocol is not Protocol.TCP:
        return sum(seen.packet.payload_bytes for seen in sent)
    counted = [seen.packet for seen in sent if not is_reset(seen)]
    closing = [packet for packet in counted if packet.flags & FIN]  # what comes after it counts the FIN, too
    reached, furthest = 0, 0
    for packet in counted:
        reached += _distance((counted[0].seq + reached) & 0xFFFFFFFF, packet.seq) + _length(packet)
        if not closing or packet.flags & FIN:
            furthest = max(furthest, reached)
    return furthest - bool(counted and counted[0].flags & SYN)


def _length(packet: SentPacket) -> int:
    """How many sequence numbers a SYN and the payload take up."""
    return bool(packet.flags & SYN) + packet.copies * len(packet.payload)


def _end(packet: SentPacket) -> int:
    """The number after the last byte of payload."""
    return packet.seq + _length(packet)


def _distance(start: int, number: int) -> int:
    """How far a sequence number lies ahead of another; negative where it lies behind (RFC 9293, 3.4)."""
    ahead = (number - start) & 0xFFFFFFFF
    return ahead if ahead < 1 << 31 else ahead - (1 << 32)


def likely_flip(first: SeenPacket) -> bool:
    """Is the first packet's sender held for the responder, by the ports?"""
    packet = first.packet
    likely = LIKELY_SERVERS[packet.protocol]
    if packet.src.port not in likely or (packet.protocol is Protocol.TCP and is_syn(first)):
        return False
    if packet.dst.port not in likely:
        return True
    return packet.protocol is Protocol.TCP and not is_syn_ack(first) and packet.src.port < packet.dst.port


class _Tracker:
    """One connection while its packets come."""

    def __init__(self, flow: Flow, first: SeenPacket) -> None:
        self._flow = flow
        self._packets: list[SeenPacket] = []
        self._is_turned = not flow.is_from_orig(first)
        self._is_flipped = likely_flip(first) or _parser_flips(first)
        self._is_turned ^= self._is_flipped
        self._letters: list[tuple[bool, str]] = []
        self._states = {True: State.INACTIVE, False: State.INACTIVE}
        self._was_closed: set[bool] = set()
        self._next_seq: dict[bool, int] = {}
        self._tried_ns = 0
        self._ended_ns = 0
        self.missed = 0

    # What comes out.

    def account(self) -> Account:
        return Account(replace(self._flow, packets=tuple(self._packets)), is_turned=self._is_turned)

    def history(self) -> str:
        """Letters in order of first appearance; upper case is the originator. ICMP has none."""
        letters = (
            letter.upper() if is_orig is not self._is_turned else letter for is_orig, letter in self._letters
        )
        return ("^" if self._is_flipped else "") + "".join(letters)

    def conn_state(self) -> str:
        orig, resp = (self._states[side is not self._is_turned] for side in (True, False))
        if self._flow.dialogue.protocol is Protocol.TCP:
            return tcp_state(orig, resp, has_data=any(seen.packet.payload for seen in self._packets))
        if self._flow.dialogue.protocol is Protocol.ICMP:
            return "OTH"
        active = (orig is not State.INACTIVE, resp is not State.INACTIVE)
        return {(True, True): "SF", (True, False): "S0", (False, True): "SHR"}[active]

    def forgotten_ns(self) -> int:
        """When Zeek lets go of it if nothing more comes."""
        if not self._packets:
            return 0
        last_ns = self._packets[-1].time_ns
        idle_ns = last_ns + IDLE_NS[self._flow.dialogue.protocol]
        states = list(self._states.values())
        if self._flow.dialogue.protocol is not Protocol.TCP:
            return idle_ns
        if State.RESET in states:
            return self._ended_ns + (LINGER_NS if State.INACTIVE in states else RESET_NS)
        if State.CLOSED in states:
            return self._closing_ns(states)
        if self._is_attempt():
            return self._tried_ns + ATTEMPT_NS
        return idle_ns

    def _closing_ns(self, states: list[State]) -> int:
        if states == [State.CLOSED, State.CLOSED]:
            return self._ended_ns + CLOSE_NS
        waits_ns = LINGER_NS if State.INACTIVE in states else HALF_CLOSED_NS
        return (self._packets[-1].time_ns if State.INACTIVE in states else self._ended_ns) + waits_ns

    def _is_attempt(self) -> bool:
        orig, resp = (self._states[side is not self._is_turned] for side in (True, False))
        return orig in (State.SYN_SENT, State.SYN_ACK_SENT) and resp is State.INACTIVE

    # What comes in. Sides are those of the flow; the roles are applied where they are asked for.

    def take(self, seen: SeenPacket) -> None:
        side = self._flow.is_from_orig(seen)
        self._packets.append(seen)
        if self._flow.dialogue.protocol is Protocol.TCP:
            self._note_letters(side, seen)
            self._advance(side, seen)
            self._next_seq[side] = max(
                (self._next_seq.get(side, seen.packet.seq), _end(seen.packet) + is_fin(seen)),
                key=lambda number: _distance(seen.packet.seq, number),
            )
            return
        self._states[side] = State.ESTABLISHED
        if self._flow.dialogue.protocol is Protocol.UDP:
            self._note(side, "d")

    def _note(self, side: bool, letter: str) -> None:
        if (side, letter) not in self._letters:
            self._letters.append((side, letter))

    def _note_letters(self, side: bool, seen: SeenPacket) -> None:
        packet, expected = seen.packet, self._next_seq.get(side)
        ahead = 0 if expected is None else _distance(expected, packet.seq)
        if packet.payload and ahead > 0 and not self._is_filled(side, packet):
            self.missed += ahead
            self._note(side, "g")
        for letter in _letters(packet):
            self._note(side, letter)
        if packet.payload and ahead < 0:
            self._note(side, "t")

    def _is_filled(self, side: bool, packet: SentPacket) -> bool:
        """Does a later segment bring what is missing before this one?"""
        return any(
            self._flow.is_from_orig(later) is side
            and later.packet.payload
            and later.packet is not packet
            and _distance(later.packet.seq, packet.seq) > 0
            for later in self._flow.packets[len(self._packets) :]
        )

    def _advance(self, side: bool, seen: SeenPacket) -> None:
        state, peer = self._states[side], self._states[not side]
        if state is State.INACTIVE:
            self._begin(side, seen)
        elif state in (State.SYN_SENT, State.SYN_ACK_SENT):
            self._states[side] = _after(state, seen)
        elif state in (State.ESTABLISHED, State.PARTIAL):
            self._states[side] = _after(state, seen)
            if is_fin(seen) and peer is State.RESET and (not side) in self._was_closed:
                self._states[not side] = State.CLOSED
        elif state is State.CLOSED and is_reset(seen) and peer is not State.CLOSED:
            self._states[side] = State.RESET
        if self._states[side] is State.CLOSED:
            self._was_closed.add(side)
        if self._states[side] is not state and self._states[side] in (State.CLOSED, State.RESET):
            self._ended_ns = seen.time_ns

    def _begin(self, side: bool, seen: SeenPacket) -> None:
        is_orig = side is not self._is_turned
        peer = self._states[not side]
        if seen.packet.flags & SYN:
            self._begin_with_syn(side, seen, is_orig=is_orig)
        if is_fin(seen) or is_reset(seen):
            self._states[side] = State.RESET if is_reset(seen) else State.CLOSED
        elif not seen.packet.flags & SYN:
            self._begin_late(side, seen, peer, is_orig=is_orig)

    def _begin_with_syn(self, side: bool, seen: SeenPacket, *, is_orig: bool) -> None:
        if is_orig:
            self._states[side] = State.SYN_ACK_SENT if is_syn_ack(seen) else State.SYN_SENT
            self._tried_ns = seen.time_ns
            return
        if self._states[not side] is State.SYN_SENT:
            self._states[not side] = State.ESTABLISHED
        self._states[side] = State.ESTABLISHED

    def _begin_late(self, side: bool, seen: SeenPacket, peer: State, *, is_orig: bool) -> None:
        """No flag that begins: a bare answer to a SYN changes nothing, one to a SYN-ACK means that the SYN was missed."""
        if not is_orig and not seen.packet.payload and peer is State.SYN_SENT:
            return
        if peer is State.SYN_ACK_SENT and not is_orig:
            self._is_turned, self._is_flipped = not self._is_turned, True
            self._states = {True: State.ESTABLISHED, False: State.ESTABLISHED}
        elif seen.packet.flags & ACK and peer is State.ESTABLISHED:
            self._states[side] = State.ESTABLISHED
        else:
            self._states[side] = State.PARTIAL


def _after(state: State, seen: SeenPacket) -> State:
    """The state after a segment of an end that has begun."""
    if seen.packet.flags & RST:
        return State.RESET
    return State.CLOSED if seen.packet.flags & FIN else state


def tcp_state(orig: State, resp: State, *, has_data: bool) -> str:
    """The table of conn_state in base/protocols/conn/main.zeek."""
    if resp is State.RESET:
        both_reset = orig is State.RESET and not has_data
        if orig in (State.SYN_SENT, State.SYN_ACK_SENT) or both_reset:
            return "REJ"
        return "RSTRH" if orig in SILENT else "RSTR"
    if orig is State.RESET:
        return "RSTOS0" if resp in SILENT else "RSTO"
    table = {
        (State.CLOSED, State.CLOSED): "SF",
        (State.SYN_SENT, State.INACTIVE): "S0",
        (State.ESTABLISHED, State.ESTABLISHED): "S1",
    }
    if (orig, resp) in table:
        return table[orig, resp]
    if orig is State.CLOSED:
        return "SH" if resp in SILENT else "S2"
    if resp is State.CLOSED:
        return "SHR" if orig in SILENT else "S3"
    return "OTH"


def _letters(packet: SentPacket) -> str:
    flags = packet.flags
    if flags & SYN:
        letters = "h" if flags & ACK else "s"
    elif flags & RST:
        letters = "r"
    else:
        letters = "d" if packet.payload else "" if flags & FIN else "a"
        letters += "f" if flags & FIN else ""
    return letters + ("w" if not packet.window and not flags & RST else "")


def _parser_flips(first: SeenPacket) -> bool:
    """An answer of DNS has its bit, one of NTP its mode, and the ports have not told (RFC 1035, 4.1.1; RFC 5905, 7.3)."""
    packet = first.packet
    if packet.protocol is not Protocol.UDP or likely_flip(first):
        return False
    if 53 in (packet.src.port, packet.dst.port):
        return len(packet.payload) >= 12 and bool(packet.payload[2] & 0x80)
    if 123 in (packet.src.port, packet.dst.port):
        return len(packet.payload) >= 48 and packet.payload[0] & 7 == 4
    return False
