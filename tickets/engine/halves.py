"""The parts of one conversation: NetFlow, AWS and GCP write a record a direction, Azure one an interval.

All records of one format are laid together before anything is concluded from them. A flag that is set says that
one of many packets had it, so both halves of an ordinary connection show SYN; what tells the sides apart is a
half that never acknowledged, one that is a SYN-ACK and no more, or the earlier beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .traffic import Traffic, is_group
from .types import Endpoint, FlowRecord, Location, Outcome, Protocol, TcpFlags

SYN, ACK, FIN, RST, PSH = TcpFlags.SYN, TcpFlags.ACK, TcpFlags.FIN, TcpFlags.RST, TcpFlags.PSH
MEANINGFUL = SYN | ACK | FIN | RST | PSH | TcpFlags.URG
# AWS records an ACK only beside a SYN, and keeps the beginning of an interval rather than of the flow; both
# directions of an interface are always recorded.
ACK_BESIDE_SYN_ONLY = frozenset({"aws.vpc"})
WITHOUT_FINE_CLOCK = frozenset({"aws.vpc"})
SEES_BOTH_WAYS = frozenset({"aws.vpc"})
# Clocks of one exporter's line cards differ by less.
EARLIER_NS = 1_000_000
# More than any header: Ethernet 14, IPv6 40 and a TCP header with all its options 60 bytes (RFC 9293, 3.1).
HEADERS = 114
LOOK_BACK = 16
# ICMP's questions that wait for an answer.
WAITING = frozenset({8, 13, 15, 17, 128, 139})


@dataclass(slots=True)
class Share:
    """What one side sent, by all records of one format. `opening`, `answer` and `reset` are the records whose
    packets can only have been a SYN (and what follows without ACK), a SYN-ACK, a RST with ACK."""

    endpoint: Endpoint
    packets: int = 0
    size: int = 0
    records: int = 0
    flags: TcpFlags | None = None
    observer: str | None = None  # the one that counts
    first: Location | None = None
    opening: Location | None = None
    answer: Location | None = None
    reset: Location | None = None
    starts: dict[str, tuple[int, Location]] = field(default_factory=dict)  # by exporter: its own clock

    @property
    def only_reset(self) -> bool:
        return self.flags is not None and self.flags & MEANINGFUL & ~ACK == RST

    @property
    def carried_data(self) -> bool:
        return self.size > HEADERS * self.packets > 0


class Account(NamedTuple):
    """What the records of one format tell of a conversation. `shares` stand as the conversation's sides do."""

    source: str
    shares: tuple[Share, Share]
    is_sampled: bool
    has_halves: bool


class Earlier(NamedTuple):
    """Which half began earlier, and whether both show the handshake."""

    side: int
    records: tuple[Location, Location]
    gap_ns: int
    saw_both_syns: bool
    has_flags: bool


def is_part(flow: FlowRecord) -> bool:
    return flow.is_half or flow.is_interval


def accounts_of(traffic: Traffic) -> tuple[Account, ...]:
    """Lay the parts together, for each format by itself."""
    found = [log for log in traffic.logs if isinstance(log, FlowRecord) and is_part(log)]
    if not found:
        return ()
    parts: dict[str, list[FlowRecord]] = {}
    for flow in found:
        parts.setdefault(flow.source, []).append(flow)
    return tuple(_account(traffic, source, flows) for source, flows in parts.items())


def _account(traffic: Traffic, source: str, flows: Sequence[FlowRecord]) -> Account:
    shares = (Share(traffic.ends[0]), Share(traffic.ends[1]))
    for flow in flows:
        at = traffic.side_of(flow.orig) or 0
        _note(shares[at], flow, flow.orig_packets, flow.orig_bytes, flow.orig_flags)
        if not flow.is_half:
            _note(shares[1 - at], flow, flow.resp_packets, flow.resp_bytes, flow.resp_flags)
    return Account(
        source, shares, any(flow.is_sampled for flow in flows), any(flow.is_half for flow in flows)
    )


def _note(share: Share, flow: FlowRecord, packets: int, size: int, flags: TcpFlags | None) -> None:
    if not flow.is_half and not packets:
        return
    share.records += 1
    if share.observer is None:
        share.observer = flow.observer
    if share.observer == flow.observer:  # another counts the same packets again
        share.packets += packets
        share.size += size
    share.first = share.first or flow.location
    exporter = flow.observer.partition("/")[0]
    start = (flow.time_ns, flow.location)
    share.starts[exporter] = min(start, share.starts.get(exporter, start))
    if flags is not None:
        share.flags = flags | (share.flags or TcpFlags.NONE)
        _note_flags(share, flow, packets, flags & MEANINGFUL)


def _note_flags(share: Share, flow: FlowRecord, packets: int, flags: TcpFlags) -> None:
    """After the SYN every segment but a reset acknowledges (RFC 9293, 3.10.7.4), so a half with SYN and without
    ACK is the asking one. One packet with SYN and FIN or RST is no opening."""
    if flags & (SYN | ACK) == SYN and (packets > 1 or not flags & (FIN | RST)):
        share.opening = share.opening or flow.location
    is_one_kind = flags == SYN | ACK and packets == 1
    if flags & SYN and flags & ACK and (is_one_kind or flow.source in ACK_BESIDE_SYN_ONLY):
        share.answer = share.answer or flow.location
    if flags == RST | ACK and packets == 1:
        share.reset = share.reset or flow.location


def earlier_half(account: Account) -> Earlier | None:
    """The half that began earlier by the clock of one exporter, where that clock is fine enough to tell."""
    if account.source in WITHOUT_FINE_CLOCK or not account.has_halves:
        return None
    one, other = account.shares
    both = sorted(one.starts.keys() & other.starts.keys())
    if not both:
        return None
    starts = (one.starts[both[0]], other.starts[both[0]])
    side = 0 if starts[0] < starts[1] else 1
    gap_ns = abs(starts[0][0] - starts[1][0])
    if gap_ns <= EARLIER_NS:
        return None
    flags = [share.flags for share in account.shares if share.flags is not None]
    return Earlier(
        side,
        (starts[side][1], starts[1 - side][1]),
        gap_ns,
        len(flags) == 2 and all(value & SYN for value in flags),
        bool(flags),
    )


# Which records belong together


def opens_anew(traffic: Traffic, flow: FlowRecord) -> bool:
    """A second half of the same sender that shows SYN is a second connection where the first had ended. A part
    after an active timeout shows none, and a SYN that was never answered is only sent again."""
    if not flow.orig_flags or not flow.orig_flags & SYN:
        return False
    before = [
        log
        for log in traffic.logs[-LOOK_BACK:]
        if isinstance(log, FlowRecord) and log.is_half and log.source == flow.source
    ]
    has_begun = any(
        log.orig == flow.orig
        and log.observer == flow.observer
        and bool(log.orig_flags and log.orig_flags & SYN)
        and log.time_ns < flow.time_ns >= log.end_ns
        for log in before
    )
    return has_begun and any(log.orig_flags and log.orig_flags & (FIN | RST) for log in before)


def note_one_sided_sources(traffics: Iterable[Traffic]) -> None:
    """Find the formats whose records hold one direction only although connections stood: of them a missing half
    says nothing. Marks each conversation with them."""
    both: set[str] = set()
    one_sided: set[str] = set()
    with_logs = [traffic for traffic in traffics if traffic.logs]
    for traffic in with_logs:
        for account in accounts_of(traffic):
            one, other = account.shares
            if one.records and other.records:
                both.add(account.source)
            elif _stood(one if one.records else other):
                one_sided.add(account.source)
    missing = frozenset(one_sided - both - SEES_BOTH_WAYS)
    for traffic in with_logs:
        traffic.one_sided = missing


def _stood(share: Share) -> bool:
    """SYN and ACK and data or an end: the peer must have answered."""
    return (
        share.flags is not None and share.flags & (SYN | ACK) == SYN | ACK and bool(share.flags & (PSH | FIN))
    )


# What became of it


def outcome_of(account: Account, traffic: Traffic, originator: int | None) -> Outcome | None:
    """What the parts say together; None where they prove nothing."""
    orig = account.shares[originator or 0]
    resp = account.shares[1 - (originator or 0)]
    has_gaps = account.is_sampled or account.source in traffic.one_sided
    if traffic.protocol is Protocol.TCP:
        return _tcp_outcome(account, orig, resp, originator is not None, has_gaps)
    if orig.records and resp.records:
        is_known = traffic.protocol is Protocol.UDP or orig.endpoint.port in WAITING
        return Outcome.ESTABLISHED if is_known else None
    waits = traffic.protocol is Protocol.UDP or orig.endpoint.port in WAITING
    if originator is None or not orig.records or not waits or is_group(resp.endpoint.ip) or has_gaps:
        return Outcome.ONE_WAY
    return Outcome.UNANSWERED


def _tcp_outcome(
    account: Account, orig: Share, resp: Share, has_roles: bool, has_gaps: bool
) -> Outcome | None:
    if orig.flags is None and resp.flags is None:
        return _tcp_without_flags(account, orig, resp, has_roles, has_gaps)
    if orig.records and resp.records:
        return _tcp_both(account, orig, resp, has_roles)
    if not orig.records:
        return Outcome.REFUSED if resp.reset and resp.records == 1 and has_roles else Outcome.ONE_WAY
    is_unanswered = has_roles and orig.opening and not (orig.flags or TcpFlags.NONE) & (ACK | PSH | FIN)
    return Outcome.UNANSWERED if is_unanswered and not has_gaps else Outcome.ONE_WAY


def _tcp_both(account: Account, orig: Share, resp: Share, has_roles: bool) -> Outcome:
    """RFC 9293, 3.5 and 3.10.7.1, of flags that are ORed over all packets of a side."""
    ours, theirs = orig.flags or TcpFlags.NONE, resp.flags or TcpFlags.NONE
    if not (ours | theirs) & SYN:
        return Outcome.MIDSTREAM
    if theirs & SYN and theirs & ACK:
        return Outcome.MIDSTREAM if orig.only_reset else Outcome.ESTABLISHED
    if not ours & SYN:
        return Outcome.MIDSTREAM
    if theirs & RST and not theirs & (FIN | PSH) and not resp.carried_data and has_roles:
        return Outcome.REFUSED
    went_on = bool(theirs & (ACK | FIN)) or account.source in ACK_BESIDE_SYN_ONLY
    return Outcome.ESTABLISHED if went_on else Outcome.MIDSTREAM


def _tcp_without_flags(
    account: Account, orig: Share, resp: Share, has_roles: bool, has_gaps: bool
) -> Outcome | None:
    """Only packets larger than any header prove that data went over the connection. An exporter that keeps both
    sides in one record (Azure) has seen no answer where it counts none."""
    if orig.records and resp.records:
        return Outcome.ESTABLISHED if orig.carried_data or resp.carried_data else None
    if account.has_halves or has_gaps or not has_roles or not orig.records:
        return Outcome.ONE_WAY
    return Outcome.UNANSWERED
