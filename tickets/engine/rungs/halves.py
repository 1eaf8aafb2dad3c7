"""What the halves of a conversation say together, of exporters that write a record a direction (NetFlow, AWS, GCP)."""

from __future__ import annotations

from collections.abc import Iterator

from ..halves import Account, Earlier, Share, earlier_half
from ..ports import service_on
from ..types import LogRecord, Protocol, Statement
from .case import Case, Clue


def flow_syn(case: Case) -> Iterator[Clue]:
    """A half with SYN and without ACK: only the side that asks sends such (RFC 9293, 3.5 and 3.10.7.4)."""
    for account in case.accounts:
        one, other = account.shares
        if bool(one.opening) != bool(other.opening):
            side = 0 if one.opening else 1
            opener = account.shares[side]
            yield case.clue("flow.syn", side, 0.97, (opener.opening,), **_half_facts(account, opener))


def flow_answer(case: Case) -> Iterator[Clue]:
    """A half that is a SYN-ACK: its receiver asked. Where that sent nothing, or only a reset, it may be the answer
    to a SYN that was forged in its name."""
    for account in case.accounts:
        one, other = account.shares
        if bool(one.answer) == bool(other.answer):
            continue
        side = 0 if one.answer else 1
        answerer, asker = account.shares[side], account.shares[1 - side]
        facts = _half_facts(account, answerer)
        if asker.records and not asker.only_reset:
            yield case.clue("flow.syn_ack", 1 - side, 0.97, (answerer.answer, asker.first), **facts)
        else:
            yield case.clue("flow.lone_reply", 1 - side, 0.85, (answerer.answer,), **facts)


def flow_reset_alone(case: Case) -> Iterator[Clue]:
    """A half of one RST with ACK and nothing else answers a SYN, or ends a connection that was forgotten."""
    for account in case.accounts:
        for side in (0, 1):
            sender, peer = account.shares[side], account.shares[1 - side]
            if sender.reset and sender.records == 1 and not peer.records:
                facts = _half_facts(account, sender)
                yield case.clue("flow.lone_reply", 1 - side, 0.85, (sender.reset,), **facts)


def flow_answer_denied(case: Case) -> Iterator[Clue]:
    """One direction was let through and the other not, by a policy that keeps no state: what was let through was
    the request, for without it there is no answer to deny."""
    for account in case.accounts:
        one, other = account.shares
        if not account.has_halves or bool(one.records) == bool(other.records):
            continue
        side = 0 if one.records else 1
        denied = [
            log.location
            for log in case.traffic.logs
            if isinstance(log, LogRecord)
            and log.source == account.source
            and log.statement is Statement.DENIED
            and log.src == case.ends[1 - side]
        ]
        if denied:
            records = (account.shares[side].first, denied[0])
            yield case.clue("flow.answer_denied", side, 0.9, records, source=account.source)


def flow_earlier(case: Case) -> Iterator[Clue]:
    """The earlier of two halves by one exporter's clock. Where both show SYN it saw the handshake, in order unless
    packets overtook each other; a service's port at the later side is a second witness. Without flags it may have
    begun to look in the middle."""
    yield from _earlier(case, "flow.earlier")


def flow_order_of_halves(case: Case) -> Iterator[Clue]:
    """The same of a sample of the packets, or of flags without a SYN: the exporter began to look in the middle."""
    yield from _earlier(case, "flow.order")


def _earlier(case: Case, wanted: str) -> Iterator[Clue]:
    for account in case.accounts:
        earlier = earlier_half(account)
        if earlier is None:
            continue
        is_udp = case.traffic.protocol is Protocol.UDP
        is_weak = account.is_sampled or (earlier.has_flags and not earlier.saw_both_syns and not is_udp)
        if is_weak == (wanted == "flow.order"):
            confidence = 0.6 if is_weak else _earlier_confidence(case, earlier)
            facts = {"source": account.source, "gap": f"{earlier.gap_ns / 1e6:.0f}"}
            yield case.clue(wanted, earlier.side, confidence, earlier.records, **facts)


def _earlier_confidence(case: Case, earlier: Earlier) -> float:
    if not earlier.saw_both_syns:
        return 0.85
    ours, theirs = (
        service_on(case.traffic.protocol, case.ends[side].port) for side in (earlier.side, 1 - earlier.side)
    )
    return 0.92 if theirs and not ours else 0.88


def _half_facts(account: Account, share: Share) -> dict[str, str]:
    flags = "not given" if share.flags is None else f"{share.flags & 0xFF:02x}"
    return {"source": account.source, "flags": flags}
