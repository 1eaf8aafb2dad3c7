"""Records of both directions -> conversations, whatever order their ends come in.

Packets are grouped by their two endpoints without regard to order. A conversation ends where
nothing is said for Zeek's timeout (unless TCP's sequence numbers go on), or where a fresh SYN
follows a RST or FIN. Flow, log and alert records then join the conversation of the same
endpoints that is nearest in time, or make one of their own.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeGuard

from .control import Announcement, read_announcement
from .initiator import Decision, Scene, decide_originator
from .outcome import classify_outcome
from .ports import service_on
from .tcp import conn_state, note_history, write_history
from .traffic import MAX_NOTICES, Log, Traffic, Unreachable
from .types import (
    Alert,
    Basis,
    Claim,
    Conversation,
    Endpoint,
    Finding,
    FlowRecord,
    Location,
    LogRecord,
    Packet,
    Protocol,
    QuotedPacket,
    Record,
    Statement,
    TcpFlags,
)

NS = 1_000_000_000
# Zeek's tcp_inactivity_timeout, udp_inactivity_timeout, icmp_inactivity_timeout (base/init-bare.zeek).
TIMEOUTS_NS = {Protocol.TCP: 300 * NS, Protocol.UDP: 60 * NS, Protocol.ICMP: 60 * NS}
# Log lines come late and their clocks differ by a little.
LOG_TOLERANCE_NS = 300 * NS
# A syslog line without a year lies in 1970: its time cannot be held against a capture's.
FIRST_YEAR_NS = 366 * 86400 * NS
# How far a side may be ahead of the last segment seen of it and still be the same connection.
SEQUENCE_REACH = 1 << 24
LOOK_BACK = 4
# Between the same endpoints conversations follow one another, so the nearest in time is among these many.
NEAR = 8
# A line for each packet of a scan says the same again and again; the first few are proof enough.
MAX_ALIKE = 4

Key = tuple[Protocol, Endpoint, Endpoint]


def converse(records: Iterable[Record]) -> list[Conversation]:
    """Group records, decide who opened each conversation and what became of it; in order of first record.

    Records are taken as they come, so a capture of any size streams through; what is kept of a
    conversation is bounded. Raises whatever reading the records raises (EngineError)."""
    grouping = Grouping()
    for record in records:
        grouping.add(record)
    grouping.join()
    scene = grouping.scene()
    return [_conclude(traffic, scene) for traffic in grouping.all]


class Grouping:
    """Conversations in the making, found by protocol and both endpoints."""

    def __init__(self) -> None:
        self.all: list[Traffic] = []
        self._by_key: defaultdict[Key, list[Traffic]] = defaultdict(list)  # each in order of time
        self._by_end: dict[Endpoint, list[Traffic]] | None = None
        self._logs: list[Log] = []
        self._errors: list[Packet] = []
        self._announcements: dict[Endpoint, Announcement] = {}

    def add(self, record: Record) -> None:
        """Take one record. What needs to know the packets first waits for `join`."""
        if not isinstance(record, Packet):
            self._logs.append(record)
            return
        if record.quoted is not None:
            self._errors.append(replace(record, payload=b""))
        key = key_of(record.protocol, record.src, record.dst)
        traffic = self._find(key, record)
        if traffic is None:
            traffic = self._start(key, record.src, record.dst, record.time_ns)
        note_history(traffic, record)
        traffic.add(record)
        if record.payload and record.protocol is Protocol.TCP:
            self._note_announcement(record)

    def join(self) -> None:
        """Give ICMP errors and log records to the conversations that they speak of."""
        for packet in self._errors:
            self._join_error(packet)
        for log in sorted(self._logs, key=_flows_first):
            self._join_log(log)

    def scene(self) -> Scene:
        """Return what is known of the evidence as a whole."""
        return Scene(self.all, self._announcements)

    def _start(self, key: Key, src: Endpoint, dst: Endpoint, time_ns: int) -> Traffic:
        traffic = Traffic(key[0], src, dst, time_ns)
        insort(self._by_key[key], traffic, key=_beginning)
        self.all.append(traffic)
        if self._by_end is not None:
            _note_ends(self._by_end, traffic)
        return traffic

    def _find(self, key: Key, packet: Packet) -> Traffic | None:
        for traffic in self._by_key.get(key, ())[: -LOOK_BACK - 1 : -1]:
            if _goes_on(traffic, packet):
                return traffic
            if _opens_anew(packet):
                return None
        return None

    def _note_announcement(self, packet: Packet) -> None:
        announcement = read_announcement(packet)
        if announcement is not None and len(self._announcements) < 65536:
            self._announcements.setdefault(announcement.announced, announcement)

    def _join_error(self, packet: Packet) -> None:
        """The quoted packet was sent before the error that quotes it (RFC 792)."""
        quoted = packet.quoted
        if quoted is None:
            return
        key = key_of(quoted.protocol, quoted.src, quoted.dst)
        traffic = _nearest(self._by_key.get(key, ()), packet.time_ns)
        if traffic is not None and len(traffic.unreachables) < MAX_NOTICES:
            traffic.unreachables.append(_unreachable(packet, quoted, traffic))

    def _join_log(self, log: Log) -> None:
        first, second = _ends(log)
        time_ns = log.time_ns or 0
        traffic = self._login_conversation(log)
        key = key_of(log.protocol, first, second)
        if traffic is None:
            traffic = _nearest(self._by_key.get(key, ()), time_ns)
        if traffic is None or _is_next_connection(traffic, log):
            traffic = self._start(key, first, second, time_ns)
        traffic.add_log(log, _is_beginning(log))
        if not traffic.has_packets and time_ns:
            traffic.spread(time_ns, log.end_ns if isinstance(log, FlowRecord) else time_ns)

    def _login_conversation(self, log: Log) -> Traffic | None:
        """Lines that name the client only (sshd's logins, some decoys'): its address and port are enough."""
        if not _names_client_only(log):
            return None
        if self._by_end is None:
            self._by_end = defaultdict(list)
            for traffic in self.all:
                _note_ends(self._by_end, traffic)
        return _nearest(self._by_end.get(log.src, ()), log.time_ns)


def _note_ends(by_end: dict[Endpoint, list[Traffic]], traffic: Traffic) -> None:
    if traffic.protocol is Protocol.TCP:
        for side in traffic.sides:
            insort(by_end[side.endpoint], traffic, key=_beginning)


def _beginning(traffic: Traffic) -> int:
    return traffic.first_ns


def _nearest(candidates: Sequence[Traffic], time_ns: int) -> Traffic | None:
    """Return the conversation nearest in time, None when all are too far away."""
    at = bisect_right(candidates, time_ns, key=_beginning)
    near = candidates[max(0, at - NEAR) : at + 1]
    nearest = min(near, key=lambda traffic: _distance_ns(traffic, time_ns), default=None)
    if nearest is None or _distance_ns(nearest, time_ns) > LOG_TOLERANCE_NS:
        return None
    return nearest


def key_of(protocol: Protocol, src: Endpoint, dst: Endpoint) -> Key:
    """Return the same key for both directions."""
    return (protocol, src, dst) if src <= dst else (protocol, dst, src)


def _opens_anew(packet: Packet) -> bool:
    return packet.protocol is Protocol.TCP and packet.flags & (TcpFlags.SYN | TcpFlags.ACK) == TcpFlags.SYN


def _goes_on(traffic: Traffic, packet: Packet) -> bool:
    """Does the packet belong to this conversation, or does it begin another between the same endpoints?"""
    gap_ns = max(packet.time_ns - traffic.last_ns, traffic.first_ns - packet.time_ns)
    if packet.protocol is not Protocol.TCP:
        return gap_ns <= TIMEOUTS_NS[packet.protocol]
    if _opens_anew(packet):
        return gap_ns <= TIMEOUTS_NS[Protocol.TCP] and not _is_reused(traffic, packet)
    return gap_ns <= TIMEOUTS_NS[Protocol.TCP] or _is_in_sequence(traffic, packet)


def _is_reused(traffic: Traffic, packet: Packet) -> bool:
    """A SYN with a new initial number on a closed conversation opens another (RFC 9293, 3.6.1). One with the
    number that its side already used, or that a SYN-ACK already answered, is the same SYN again."""
    index = traffic.side_of(packet.src) or 0
    side = traffic.sides[index]
    is_reordered = (packet.seq + 1) & 0xFFFFFFFF in traffic.sides[1 - index].syn_ack_acks
    if packet.seq in side.isns or is_reordered:
        return False
    return traffic.is_closed and (side.packets > 0 or traffic.sides[1 - index].rst is None)


def _is_in_sequence(traffic: Traffic, packet: Packet) -> bool:
    """Zeek forgets a silent connection; the sequence numbers prove that it is still the same."""
    expected = traffic.sides[traffic.side_of(packet.src) or 0].next_seq
    if expected is None or traffic.is_closed:
        return False
    ahead = (packet.seq - expected + SEQUENCE_REACH // 2) & 0xFFFFFFFF
    return ahead < SEQUENCE_REACH


def _ends(log: Log) -> tuple[Endpoint, Endpoint]:
    return (log.orig, log.resp) if isinstance(log, FlowRecord) else (log.src, log.dst)


def _flows_first(log: Log) -> int:
    """A flow record spans its conversation, so it comes before the single lines that may fall into it; a line that
    names the client only comes after those that name both ends."""
    if isinstance(log, FlowRecord):
        return 0
    return 3 if isinstance(log, Alert) else 2 if _names_client_only(log) else 1


def _names_client_only(log: Log) -> TypeGuard[LogRecord]:
    """sshd's logins, and decoys whose own port is not in the line."""
    if not isinstance(log, LogRecord) or log.basis not in (Basis.HOST, Basis.DECOY):
        return False
    return not log.dst.port and log.src.port > 0 and log.protocol is Protocol.TCP


def _distance_ns(traffic: Traffic, time_ns: int) -> int:
    if time_ns < FIRST_YEAR_NS or traffic.last_ns < FIRST_YEAR_NS:
        return 0
    return max(time_ns - traffic.last_ns, traffic.first_ns - time_ns, 0)


def _is_next_connection(traffic: Traffic, log: Log) -> bool:
    """Logs alone: a second flow that saw its own SYN, or a second "Built", is a second connection."""
    if traffic.has_packets or not _is_beginning(log):
        return False
    return log.source in traffic.beginnings


def _is_beginning(log: Log) -> bool:
    if isinstance(log, FlowRecord):
        return bool(log.orig_flags and log.orig_flags & TcpFlags.SYN) or "S" in log.history
    return isinstance(log, LogRecord) and log.statement is Statement.ALLOWED and "connection" in log.fields


def _unreachable(packet: Packet, quoted: QuotedPacket, traffic: Traffic) -> Unreachable:
    side = traffic.side_of(quoted.src) or 0
    return Unreachable(
        packet.location, packet.icmp_type or 0, packet.icmp_code or 0, packet.src.ip, side, quoted
    )


def _conclude(traffic: Traffic, scene: Scene) -> Conversation:
    decision = decide_originator(traffic, scene)
    outcome, outcome_findings = classify_outcome(traffic, decision.side)
    service, service_findings = _service(traffic, decision)
    first, second = (side.endpoint for side in traffic.sides)
    orig = decision.side if decision.side is not None else 0
    flipped = decision.side == 1
    totals = _totals(traffic, orig)
    return Conversation(
        protocol=traffic.protocol,
        endpoints=(first, second),
        orig=None if decision.side is None else traffic.sides[orig].endpoint,
        resp=None if decision.side is None else traffic.sides[1 - orig].endpoint,
        outcome=outcome,
        conn_state=_logged(traffic, "state") if not traffic.has_packets else conn_state(traffic, orig),
        history=_logged(traffic, "history")
        if not traffic.has_packets
        else write_history(traffic, orig, flipped),
        service=service,
        first_ns=traffic.first_ns,
        last_ns=traffic.last_ns,
        orig_packets=totals[0],
        resp_packets=totals[1],
        orig_bytes=totals[2],
        resp_bytes=totals[3],
        flipped=flipped,
        confidence=decision.confidence,
        findings=tuple(_without_repeats((*decision.findings, *outcome_findings, *service_findings))),
        records=tuple(traffic.records),
    )


def _without_repeats(findings: Iterable[Finding]) -> Iterator[Finding]:
    seen: Counter[tuple[str, str, str, bool]] = Counter()
    for finding in findings:
        alike = (finding.claim, finding.rule, finding.value, finding.supports)
        seen[alike] += 1
        if seen[alike] <= MAX_ALIKE:
            yield finding


def _totals(traffic: Traffic, orig: int) -> tuple[int, int, int, int]:
    """Return packets and payload bytes of originator and responder: the capture's, else the flow records'."""
    if traffic.has_packets:
        ours, theirs = traffic.sides[orig], traffic.sides[1 - orig]
        return ours.packets, theirs.packets, ours.payload_bytes, theirs.payload_bytes
    flows = [log for log in traffic.logs if isinstance(log, FlowRecord)]
    source = flows[0].source if flows else ""
    packets, sizes = [0, 0], [0, 0]
    for flow in flows:
        if flow.source == source:  # a second sensor counts the same packets again
            index = 0 if flow.orig == traffic.sides[orig].endpoint else 1
            for place, count, size in (
                (index, flow.orig_packets, flow.orig_bytes),
                (1 - index, flow.resp_packets, flow.resp_bytes),
            ):
                packets[place] += count
                sizes[place] += size
    return packets[0], packets[1], sizes[0], sizes[1]


def _logged(traffic: Traffic, name: str) -> str:
    """Return Zeek's own state or history, where the conversation is known from its log only."""
    flows = (log for log in traffic.logs if isinstance(log, FlowRecord) and log.source == "zeek.conn")
    return next((str(getattr(flow, name)) for flow in flows), "")


def _service(traffic: Traffic, decision: Decision) -> tuple[str, tuple[Finding, ...]]:
    """Name the service: what is spoken, else what a log says, else what the responder's port suggests."""
    if decision.spoken:
        spoken = decision.spoken[0]
        facts = {"protocol": spoken.role.service, "message": spoken.role.message}
        return _named(spoken.role.service, "service.application", (spoken.location,), facts)
    for log in traffic.logs:
        if not isinstance(log, Alert) and log.service:
            return _named(log.service, "service.log", (log.location,), {"source": log.source})
    if decision.side is None:
        return "", ()
    port = traffic.sides[1 - decision.side].endpoint.port
    service = service_on(traffic.protocol, port)
    records = tuple(traffic.records[:1])
    return _named(service, "service.port", records, {"port": str(port)}) if service else ("", ())


def _named(
    service: str, rule: str, records: tuple[Location, ...], facts: dict[str, str]
) -> tuple[str, tuple[Finding, ...]]:
    finding = Finding(rule=rule, claim=Claim.SERVICE, value=service, records=records, facts=facts)
    return service, (finding,)
