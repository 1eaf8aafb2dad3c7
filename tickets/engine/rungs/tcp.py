"""TCP's own segments: a SYN opens, a SYN-ACK or a reset answers, and what never acknowledges answers nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..traffic import Side
from .case import Case, Clue


def tcp_syn(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.5: a SYN without ACK opens. SYN with FIN or RST is no opening (`traffic.add_segment`)."""
    one, other = case.traffic.sides
    if one.syn and other.syn:
        yield from _simultaneous_syn(case)
    elif one.syn or other.syn:
        side = 0 if one.syn else 1
        sender, peer = case.traffic.sides[side], case.traffic.sides[1 - side]
        if _came_into_a_connection(sender, peer):
            return
        yield case.clue("tcp.syn", side, 0.99, (sender.syn,), seq=str(sender.isns[0]))


def _came_into_a_connection(sender: Side, peer: Side) -> bool:
    """RFC 5961, 4.2: a SYN into a connection that stands opens nothing. It is answered with an ACK, and may be forged
    in the name of either side. Both sides went on before it, and no SYN-ACK answers it."""
    if sender.syn is None or sender.other is None or peer.other is None or peer.syn_ack:
        return False
    latest = max(sender.other, peer.other)
    return sender.syn.file == sender.other.file == peer.other.file and latest < sender.syn


def _simultaneous_syn(case: Case) -> Iterator[Clue]:
    """Both sent a SYN: the SYN-ACK acknowledges the one that opened (RFC 9293, 3.5, figure 7)."""
    for side in (0, 1):
        opener, answerer = case.traffic.sides[side], case.traffic.sides[1 - side]
        acknowledged = [isn for isn in opener.isns if (isn + 1) & 0xFFFFFFFF in answerer.syn_ack_acks]
        if acknowledged:
            facts = {"seq": str(acknowledged[0]), "ack": str((acknowledged[0] + 1) & 0xFFFFFFFF)}
            yield case.clue("tcp.syn_acknowledged", side, 0.99, (opener.syn, answerer.syn_ack), **facts)


def tcp_syn_ack(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.5: a SYN-ACK answers, where either side went on after it."""
    side = _only_answerer(case)
    if side is not None and not _stands_alone(case, side):
        yield case.clue("tcp.syn_ack", 1 - side, 0.97, (case.traffic.sides[side].syn_ack,))


def tcp_reply_alone(case: Case) -> Iterator[Clue]:
    """A SYN-ACK after which nobody went on may answer a SYN that was forged in the name of its receiver. One alone
    still says who would have asked: the capture may have begun after the SYN. Two things say that the receiver
    knew of no such connection, and then nobody is named. It resets (RFC 9293, 3.10.7.1: the number of that reset
    is what the SYN-ACK acknowledged, and it acknowledges nothing; a scan of half-open connections does the same).
    Or it is sent the SYN-ACK again and again, for no ACK came (RFC 6298, 5.4), and is silent."""
    side = _only_answerer(case)
    if side is None or not _stands_alone(case, side):
        return
    answerer, asker = case.traffic.sides[side], case.traffic.sides[1 - side]
    if answerer.rst is None and asker.rst is not None and not asker.rst_has_ack:
        yield case.clue("tcp.disowned_reply", 1 - side, 0.5, (answerer.syn_ack, asker.rst))
    elif answerer.rst is None and not asker.packets and answerer.packets > 1:
        facts = {"attempts": str(answerer.packets)}
        yield case.clue("tcp.unclaimed_reply", 1 - side, 0.5, (answerer.syn_ack,), **facts)
    else:
        yield case.clue("tcp.lone_reply", 1 - side, 0.85, (answerer.syn_ack,), flags="SYN-ACK")


def _only_answerer(case: Case) -> int | None:
    """The side that sent a SYN-ACK, where the other sent neither that nor a SYN."""
    one, other = case.traffic.sides
    if bool(one.syn_ack) == bool(other.syn_ack):
        return None
    return 0 if one.syn_ack else 1


def _stands_alone(case: Case, side: int) -> bool:
    answerer, asker = case.traffic.sides[side], case.traffic.sides[1 - side]
    return not answerer.went_on and (not asker.packets or asker.only_reset)


def tcp_reset_alone(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.10.7.1: a RST with number 0 that acknowledges answers a SYN."""
    for side in (0, 1):
        sender, peer = case.traffic.sides[side], case.traffic.sides[1 - side]
        if sender.rst_answers_syn and not sender.went_on and not peer.went_on and not peer.packets:
            yield case.clue("tcp.lone_reply", 1 - side, 0.85, (sender.rst,), flags="RST-ACK")


def tcp_without_ack(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.10.7.4: after the SYN every segment acknowledges. One that does not (a null, FIN or Xmas scan,
    a forged packet) answers nothing, so its sender opens. A reset with number 0 that acknowledges (3.10.7.1) is
    the answer to just such a segment, SYN with FIN among them, and to none of a connection."""
    one, other = case.traffic.sides
    if bool(one.probe) == bool(other.probe):
        return
    side = 0 if one.probe else 1
    sender, peer = case.traffic.sides[side], case.traffic.sides[1 - side]
    if peer.only_reset and peer.rst_answers_syn:
        yield case.clue("tcp.probe_reset", side, 0.95, (sender.probe, peer.rst))
    elif sender.without_ack and not peer.packets:
        yield case.clue("tcp.without_ack", side, 0.9, (sender.without_ack,))
