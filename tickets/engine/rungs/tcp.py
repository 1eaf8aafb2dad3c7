"""TCP's own segments: a SYN opens, a SYN-ACK or a reset answers, and what never acknowledges answers nothing."""

from __future__ import annotations

from collections.abc import Iterator

from .case import Case, Clue


def tcp_syn(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.5: a SYN without ACK opens. SYN with FIN or RST is no opening (`traffic.add_segment`)."""
    one, other = case.traffic.sides
    if one.syn and other.syn:
        yield from _simultaneous_syn(case)
    elif one.syn or other.syn:
        side = 0 if one.syn else 1
        sender = case.traffic.sides[side]
        yield case.clue("tcp.syn", side, 0.99, (sender.syn,), seq=str(sender.isns[0]))


def _simultaneous_syn(case: Case) -> Iterator[Clue]:
    """Both sent a SYN: the SYN-ACK acknowledges the one that opened (RFC 9293, 3.5, figure 7)."""
    for side in (0, 1):
        opener, answerer = case.traffic.sides[side], case.traffic.sides[1 - side]
        acknowledged = [isn for isn in opener.isns if (isn + 1) & 0xFFFFFFFF in answerer.syn_ack_acks]
        if acknowledged:
            facts = {"seq": str(acknowledged[0]), "ack": str((acknowledged[0] + 1) & 0xFFFFFFFF)}
            yield case.clue("tcp.syn_acknowledged", side, 0.99, (opener.syn, answerer.syn_ack), **facts)


def tcp_syn_ack(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.5: a SYN-ACK answers. One that stands alone may be backscatter of a forged SYN, or a scan."""
    one, other = case.traffic.sides
    if bool(one.syn_ack) == bool(other.syn_ack):
        return
    side = 0 if one.syn_ack else 1
    answerer, asker = case.traffic.sides[side], case.traffic.sides[1 - side]
    is_alone = answerer.packets == 1 and not asker.packets
    is_reset = not answerer.went_on and (answerer.rst or asker.only_reset)
    if is_alone or (is_reset and (not asker.packets or asker.only_reset)):
        yield case.clue("tcp.lone_reply", 1 - side, 0.85, (answerer.syn_ack,), flags="SYN-ACK")
    else:
        yield case.clue("tcp.syn_ack", 1 - side, 0.97, (answerer.syn_ack,))


def tcp_reset_alone(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.10.7.1: a RST with number 0 that acknowledges answers a SYN."""
    for side in (0, 1):
        sender, peer = case.traffic.sides[side], case.traffic.sides[1 - side]
        if sender.rst_answers_syn and not sender.went_on and not peer.went_on and not peer.packets:
            yield case.clue("tcp.lone_reply", 1 - side, 0.85, (sender.rst,), flags="RST-ACK")


def tcp_without_ack(case: Case) -> Iterator[Clue]:
    """RFC 9293, 3.10.7.4: after the SYN every segment acknowledges. One that does not (a null, FIN or Xmas scan,
    a forged packet) answers nothing, so its sender opens."""
    one, other = case.traffic.sides
    if bool(one.without_ack) != bool(other.without_ack) and not (one.packets and other.packets):
        sender = one if one.without_ack else other
        side = 0 if one.without_ack else 1
        yield case.clue("tcp.without_ack", side, 0.8, (sender.without_ack,))
