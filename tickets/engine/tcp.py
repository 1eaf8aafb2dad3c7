"""Zeek's words for a TCP conversation: history letters and connection state.

Letters: https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html (history);
states: the table in that script's `conn_state`. Upper case is the originator.
"""

from __future__ import annotations

from enum import Enum, auto
from itertools import product

from .gaps import NOTHING, is_acknowledging, note_acknowledged, note_sent
from .traffic import MAX_ATTEMPTS, Side, Traffic
from .types import Packet, Protocol, TcpFlags

SYN, ACK, FIN, RST = TcpFlags.SYN, TcpFlags.ACK, TcpFlags.FIN, TcpFlags.RST
HALF = 1 << 31
MAX_SEGMENT = 1 << 16


class State(Enum):
    """Zeek's states of an endpoint, as far as connection states tell them apart."""

    INACTIVE = auto()
    SYN_SENT = auto()
    SYN_ACK_SENT = auto()
    PARTIAL = auto()
    ESTABLISHED = auto()
    CLOSED = auto()
    RESET = auto()


def note_history(traffic: Traffic, packet: Packet) -> None:
    """Add the letters that a packet earns; each letter once a side. Call before the packet is counted. Of ICMP
    Zeek writes no history, and a later fragment has nothing to tell: of its numbers neither.

    Zeek leaves a packet with a wrong checksum out; here it counts as any other, for the sensor may be wrong, and `c`
    says that it is in doubt."""
    if packet.protocol is Protocol.ICMP:
        return
    index = 0 if packet.src == traffic.sides[0].endpoint else 1
    if packet.is_later_fragment:
        traffic.sides[index].reached = NOTHING
        return
    letters = "c" if packet.has_bad_checksum else ""
    letters += _letters(packet) if packet.protocol is Protocol.TCP else "d"
    if packet.protocol is Protocol.TCP and _is_repeated(traffic.sides[index], packet):
        letters += "t"
    for letter in letters:
        _note_letter(traffic, index, letter)
    if packet.protocol is Protocol.TCP and _shows_gap(traffic, index, packet):
        _note_letter(traffic, 1 - index, "g")


def _note_letter(traffic: Traffic, index: int, letter: str) -> None:
    if (index, letter) not in traffic.history:
        traffic.history.append((index, letter))


def _shows_gap(traffic: Traffic, index: int, packet: Packet) -> bool:
    """Does the packet acknowledge data of its peer's that was not captured?"""
    side, peer = traffic.sides[index], traffic.sides[1 - index]
    side.reached = note_sent(side.reached, packet.flags, packet.seq, packet.payload_bytes)
    if not is_acknowledging(packet.flags):
        return False
    peer.reached, is_gap = note_acknowledged(peer.reached, packet.ack)
    return is_gap


def _letters(packet: Packet) -> str:
    flags = packet.flags
    if flags & SYN:
        letters = "q" if flags & FIN else "i" if flags & RST else "h" if flags & ACK else "s"
    elif flags & ACK and not packet.payload_bytes and not flags & (FIN | RST):
        letters = "a"
    else:
        letters = ""
    letters += "d" if packet.payload_bytes else ""
    letters += "f" if flags & FIN and not flags & SYN else ""
    letters += "r" if flags & RST and not flags & SYN else ""
    return letters + ("w" if not packet.window and not flags & RST else "")


def _is_repeated(side: Side, packet: Packet) -> bool:
    if side.next_seq is None or not packet.payload_bytes:
        return False
    end = packet.seq + packet.payload_bytes
    return 0 < (side.next_seq - end + 1) & 0xFFFFFFFF < HALF


def write_history(traffic: Traffic, originator: int, flipped: bool) -> str:
    """Return the letters in order of appearance; `^` first when the roles were set against the first packet."""
    letters = (letter.upper() if index == originator else letter for index, letter in traffic.history)
    return ("^" if flipped else "") + "".join(letters)


def conn_state(traffic: Traffic, originator: int) -> str:
    """Return Zeek's connection state with the given side as originator."""
    orig, resp = traffic.sides[originator], traffic.sides[1 - originator]
    if traffic.protocol is Protocol.TCP:
        return _tcp_state(orig, resp)
    if traffic.protocol is Protocol.UDP:
        return {(True, True): "SF", (True, False): "S0", (False, True): "SHR"}.get(
            (bool(orig.packets), bool(resp.packets)), "OTH"
        )
    return "OTH"


def endpoint_state(side: Side, peer: Side) -> State:
    """Return the state that a side reached. A reset after both ends were closed changes nothing."""
    if side.fin and peer.fin:
        return State.CLOSED
    if side.rst:
        return State.RESET
    if side.fin:
        return State.CLOSED
    if not side.packets:
        return State.INACTIVE
    if not side.syn and not side.syn_ack:
        return State.PARTIAL
    if has_wrong_answer(peer, side):
        return State.INACTIVE
    if _shook_hands(side, peer):
        return State.ESTABLISHED
    return State.SYN_SENT if side.syn else State.SYN_ACK_SENT


def has_wrong_answer(opener: Side, answerer: Side) -> bool:
    """Did an end that sent a SYN get SYN-ACKs only that acknowledge something else, and go on no more than the other?
    RFC 9293, 3.10.7.3: it resets what acknowledges a number that it did not send, and nothing is established. A SYN
    may carry data, which is acknowledged with it (RFC 7413)."""
    if not (opener.syn and answerer.syn_ack) or opener.went_on or answerer.went_on:
        return False
    if MAX_ATTEMPTS in (len(opener.isns), len(answerer.syn_ack_acks)):
        return False  # there may have been more
    reach = MAX_SEGMENT if opener.data else 1
    pairs = product(answerer.syn_ack_acks, opener.isns)
    return not any(0 < (ack - isn) & 0xFFFFFFFF <= reach for ack, isn in pairs)


def _shook_hands(side: Side, peer: Side) -> bool:
    opener = side if side.syn else peer
    both = bool((side.syn and peer.syn_ack) or (side.syn_ack and peer.syn))
    return both and (opener.went_on or opener.rst is not None)


def _tcp_state(orig: Side, resp: Side) -> str:
    o, r = endpoint_state(orig, resp), endpoint_state(resp, orig)
    o_inactive = o in (State.INACTIVE, State.PARTIAL)
    r_inactive = r in (State.INACTIVE, State.PARTIAL)
    if r is State.RESET:
        both_silent = o is State.RESET and not orig.payload_bytes and not resp.payload_bytes
        if o in (State.SYN_SENT, State.SYN_ACK_SENT) or both_silent:
            return "REJ"
        return "RSTRH" if o_inactive else "RSTR"
    if o is State.RESET:
        return "RSTOS0" if r_inactive else "RSTO"
    return CLOSINGS.get((o, r)) or _half_closed(o, r, o_inactive, r_inactive)


CLOSINGS = {
    (State.CLOSED, State.CLOSED): "SF",
    (State.SYN_SENT, State.INACTIVE): "S0",
    (State.ESTABLISHED, State.ESTABLISHED): "S1",
}


def _half_closed(o: State, r: State, o_inactive: bool, r_inactive: bool) -> str:
    if o is State.CLOSED:
        return "SH" if r_inactive else "S2"
    if r is State.CLOSED:
        return "SHR" if o_inactive else "S3"
    return "OTH"
