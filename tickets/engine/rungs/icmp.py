"""ICMP: its types ask or answer, and its errors quote the packet that caused them."""

from __future__ import annotations

from collections.abc import Iterator

from ..applications import CLIENT, EITHER, SERVER, Message, recognise
from ..traffic import is_group
from ..types import Basis, FlowRecord, LogRecord, Protocol, QuotedPacket, TcpFlags
from .case import Case, Clue

QUESTIONS = {
    8: "echo request", 13: "timestamp request", 15: "information request", 17: "address mask request",
    10: "router solicitation", 128: "echo request", 133: "router solicitation", 135: "neighbour solicitation",
    130: "multicast listener query", 139: "node information query", 144: "home agent discovery request",
}  # fmt: skip
ANSWERS = frozenset({0, 14, 16, 18, 129, 136, 140, 145})
SYN, ACK = TcpFlags.SYN, TcpFlags.ACK


def icmp_request(case: Case) -> Iterator[Clue]:
    """RFC 792, RFC 4443, RFC 4861: the type says whether it asks or answers."""
    for side in (0, 1):
        sender = case.traffic.sides[side]
        kind = sender.icmp_type
        if kind in QUESTIONS:
            facts = {"type": str(kind), "code": "0", "name": QUESTIONS[kind]}
            yield case.clue("icmp.request", side, 0.99, (sender.first,), **facts)
            return
    for side in (0, 1):
        sender = case.traffic.sides[side]
        if sender.icmp_type in ANSWERS and not is_group(case.ends[1 - side].ip):
            facts = {"type": str(sender.icmp_type), "code": "0", "name": "reply"}
            yield case.clue("icmp.answer", 1 - side, 0.95, (sender.first,), **facts)


def icmp_error(case: Case) -> Iterator[Clue]:
    """RFC 792, RFC 1122, 3.2.2: an error is about a packet and goes to its sender, who therefore spoke first. Where that
    packet was not captured it may have been forged in the sender's name."""
    caused = case.traffic.caused_by
    reporter = 0 if case.traffic.sides[0].icmp_type is not None else 1
    if caused is not None:
        facts = {"type": str(case.traffic.sides[reporter].icmp_type)}
        yield case.clue("icmp.error", 1 - reporter, 0.95, (caused.packet, caused.error), **facts)


def icmp_message(case: Case) -> Iterator[Clue]:
    """An ICMP message that neither asks nor answers (an error, an advertisement): who sends it opens."""
    sender = case.traffic.sides[0]
    if case.traffic.caused_by is not None:
        return
    if sender.icmp_type is not None and sender.icmp_type not in ANSWERS | QUESTIONS.keys():
        yield case.clue("icmp.message", 0, 0.9, (sender.first,), type=str(sender.icmp_type))


def icmp_quoted_request(case: Case) -> Iterator[Clue]:
    """RFC 792, RFC 4443: the quoted packet itself says whether it asked or answered. A SYN-ACK that could not be
    delivered may answer a forged SYN."""
    for notice in case.traffic.unreachables:
        quoted = notice.quoted
        speaker = _quoted_speaker(quoted)
        if speaker != EITHER:
            side = notice.side if speaker == CLIENT else 1 - notice.side
            is_syn_ack = quoted.flags is not None and speaker == SERVER
            facts = {"type": str(notice.kind), "code": str(notice.code), "speaker": speaker}
            ends = {"quoted_src": str(quoted.src), "quoted_dst": str(quoted.dst)}
            confidence = 0.85 if is_syn_ack else 0.95
            yield case.clue("icmp.quoted_request", side, confidence, (notice.location,), **facts, **ends)
            return


def _quoted_speaker(quoted: QuotedPacket) -> str:
    """Does a quoted packet come from the client or from the server? A multicast answer may be unasked."""
    if is_group(quoted.dst.ip):
        return EITHER
    if quoted.protocol is Protocol.ICMP:
        kind = quoted.src.port
        return CLIENT if kind in QUESTIONS else SERVER if kind in ANSWERS else EITHER
    if quoted.flags is not None and quoted.flags & SYN and not quoted.flags & (TcpFlags.FIN | TcpFlags.RST):
        return SERVER if quoted.flags & ACK else CLIENT
    message = Message(quoted.payload, quoted.payload_bytes, quoted.src.port, quoted.dst.port)
    role = recognise(quoted.protocol, message)
    return EITHER if role is None or role.is_banner else role.speaker


def icmp_quoted(case: Case) -> Iterator[Clue]:
    """RFC 792: an error quotes the packet that caused it. Where the other side never spoke, that was the request."""
    for notice in case.traffic.unreachables:
        quoted = notice.quoted
        if not case.traffic.sides[1 - notice.side].packets and _quoted_speaker(quoted) == EITHER:
            facts = {"type": str(notice.kind), "code": str(notice.code)}
            ends = {"quoted_src": str(quoted.src), "quoted_dst": str(quoted.dst)}
            yield case.clue("icmp.quoted", notice.side, 0.8, (notice.location,), **facts, **ends)
            return


def flow_icmp(case: Case) -> Iterator[Clue]:
    """RFC 792, RFC 4443: the type says who asks, whichever end a log prints first."""
    for log in case.traffic.logs:
        if isinstance(log, FlowRecord | LogRecord) and log.basis is Basis.ARBITRARY:
            continue
        ends = (log.orig, log.resp) if isinstance(log, FlowRecord) else (log.src, log.dst)
        asker = ends[0] if ends[0].port in QUESTIONS else None
        if ends[0].port in ANSWERS and ends[1].port in QUESTIONS:
            asker = ends[1]
        if asker is not None:
            facts = {"type": str(asker.port), "code": "0", "name": QUESTIONS[asker.port]}
            yield from case.clue_of("flow.icmp", asker, 0.97, (log.location,), **facts)
            return
