"""Records -> conversations: the lines that group, join and conclude.

Packets are grouped capture by capture (`grouping`), what several captures saw of one connection is laid together
(`captures`), and log lines, alerts and ICMP errors join the conversation that they speak of (`joining`). Then
each conversation is judged: who opened it, and what became of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from .captures import merge_captures
from .control import Announcement
from .grouping import Grouping, Notice
from .halves import note_one_sided_sources
from .icmp_flows import tie_errors
from .joining import Joining
from .outcome import classify_outcome
from .ports import service_on
from .rungs import Decision, Scene, announcements_of, decide_originator
from .tcp import conn_state, write_history
from .traffic import Log, Traffic
from .types import (
    Alert,
    Claim,
    Conversation,
    Endpoint,
    Finding,
    FlowRecord,
    Location,
    LogRecord,
    Packet,
    Protocol,
    Record,
)

# A line for each packet of a scan says the same again and again; the first few are proof enough.
MAX_ALIKE = 4


def converse(records: Iterable[Record]) -> list[Conversation]:
    """Group records, decide who opened each conversation and what became of it; in order of their beginnings.

    Records are taken as they come, so a capture of any size streams through; what is kept of a conversation is
    bounded. How the records of several files are interleaved does not matter, only each file's own order.
    Raises whatever reading the records raises (EngineError)."""
    captures: dict[str, Grouping] = {}
    logs: list[Log] = []
    for record in records:
        if isinstance(record, Packet):
            capture = captures.get(record.location.file)
            if capture is None:
                capture = captures[record.location.file] = Grouping()
            capture.add(record)
        else:
            logs.append(record)
    scene = lay_together([captures[name] for name in sorted(captures)], logs)
    return [conclude(traffic, scene) for traffic in scene.traffics]


def lay_together(captures: list[Grouping], logs: list[Log]) -> Scene:
    """Make one scene of what captures, in order of their names, and logs tell: the conversations in order."""
    joining = Joining(merge_captures([capture.all for capture in captures]) if captures else ())
    joining.join(chain(_logged_errors(logs), *(capture.notices for capture in captures)), logs)
    note_one_sided_sources(joining.all)
    tie_errors(joining.all)
    announcements = chain.from_iterable(capture.announcements.all for capture in captures)
    return Scene(joining.all, _by_endpoint(announcements))


def _logged_errors(logs: Iterable[Log]) -> Iterator[Notice]:
    """ICMP errors that a firewall wrote down with the packet that they quote. What follows an error's type is its
    code: no message answers an error."""
    for log in logs:
        if isinstance(log, LogRecord) and log.quoted is not None:
            yield Notice(log.location, log.time_ns, log.src.port, log.dst.port, log.src.ip, log.quoted)


def _by_endpoint(
    announcements: Iterable[Announcement],
) -> dict[tuple[Protocol, Endpoint], list[Announcement]]:
    """Return what was announced of each endpoint, in the order of time."""
    found: defaultdict[tuple[Protocol, Endpoint], list[Announcement]] = defaultdict(list)
    for announcement in sorted(announcements, key=lambda item: (item.time_ns, item.location)):
        found[announcement.protocol, announcement.announced].append(announcement)
    return dict(found)


def conclude(traffic: Traffic, scene: Scene) -> Conversation:
    """Decide who opened a conversation and what became of it."""
    decision = decide_originator(traffic, scene)
    outcome, outcome_findings = classify_outcome(traffic, decision.side)
    service, service_findings = _service(traffic, decision, scene)
    orig = decision.side if decision.side is not None else 0
    flipped = decision.side == 1
    totals = totals_of(traffic, orig)
    if traffic.has_packets:
        state, history = conn_state(traffic, orig), write_history(traffic, orig, flipped)
    else:
        state, history = logged(traffic)
    return Conversation(
        protocol=traffic.protocol,
        endpoints=traffic.ends,
        orig=None if decision.side is None else traffic.sides[orig].endpoint,
        resp=None if decision.side is None else traffic.sides[1 - orig].endpoint,
        outcome=outcome,
        conn_state=state,
        history=history,
        service=service,
        first_ns=traffic.first_ns,
        last_ns=traffic.last_ns,
        orig_packets=totals[0],
        resp_packets=totals[1],
        orig_bytes=totals[2],
        resp_bytes=totals[3],
        flipped=flipped,
        confidence=decision.confidence,
        findings=tuple(
            _without_repeats(
                (*decision.findings, *outcome_findings, *service_findings, *_joined(traffic, scene))
            )
        ),
        records=tuple(traffic.records),
        translated=traffic.views,
        layers=traffic.layers,
    )


def _without_repeats(findings: Iterable[Finding]) -> Iterator[Finding]:
    seen: Counter[tuple[str, str, str, bool]] = Counter()
    for finding in findings:
        alike = (finding.claim, finding.rule, finding.value, finding.supports)
        seen[alike] += 1
        if seen[alike] <= MAX_ALIKE:
            yield finding


def totals_of(traffic: Traffic, orig: int) -> tuple[int, int, int, int]:
    """Return packets and payload bytes of originator and responder: the capture's, else the flow records'."""
    if traffic.has_packets:
        ours, theirs = traffic.sides[orig], traffic.sides[1 - orig]
        return ours.packets, theirs.packets, ours.payload_bytes, theirs.payload_bytes
    flows = [log for log in traffic.logs if isinstance(log, FlowRecord)]
    if not flows:
        return 0, 0, 0, 0
    if len(flows) == 1:
        flow = flows[0]
        if traffic.side_of(flow.orig) == orig:
            return flow.orig_packets, flow.resp_packets, flow.orig_bytes, flow.resp_bytes
        return flow.resp_packets, flow.orig_packets, flow.resp_bytes, flow.orig_bytes
    source = flows[0].source
    packets, sizes = [0, 0], [0, 0]
    observers: dict[int, str] = {}  # for each side the one whose halves are counted
    for flow in flows:
        index = 0 if traffic.side_of(flow.orig) == orig else 1
        counted = observers.setdefault(index if flow.is_half else 0, flow.observer)
        if (flow.source, flow.observer) == (source, counted):  # a second sensor counts the same packets again
            for place, count, size in (
                (index, flow.orig_packets, flow.orig_bytes),
                (1 - index, flow.resp_packets, flow.resp_bytes),
            ):
                packets[place] += count
                sizes[place] += size
    return packets[0], packets[1], sizes[0], sizes[1]


def logged(traffic: Traffic) -> tuple[str, str]:
    """Return Zeek's own state and history, where the conversation is known from its log only."""
    for log in traffic.logs:
        if log.source == "zeek.conn" and isinstance(log, FlowRecord):
            return log.state, log.history
    return "", ""


def _joined(traffic: Traffic, scene: Scene) -> Iterator[Finding]:
    """Tell why records with other ends belong to this conversation, and which other one announced it."""
    for join in traffic.joins:
        facts = {"src": str(join.ends[0]), "dst": str(join.ends[1]), "other": join.value}
        records = (join.location,) if join.location else ()
        yield _joining(join.rule, join.value, records, facts)
    for announcement in announcements_of(traffic, scene):
        facts = {
            "protocol": announcement.control,
            "announced": str(announcement.announced),
            "by": announcement.by,
            "service": announcement.service,
        }
        yield _joining("join.announced", announcement.control, (announcement.location,), facts)


def _joining(rule: str, value: str, records: tuple[Location, ...], facts: dict[str, str]) -> Finding:
    return Finding(rule=rule, claim=Claim.JOINED, value=value, records=records, facts=facts)


def _service(traffic: Traffic, decision: Decision, scene: Scene) -> tuple[str, tuple[Finding, ...]]:
    """Name the service: what is spoken, else what a log says, else what it was announced for, else what the
    responder's port suggests."""
    if decision.spoken:
        spoken = decision.spoken[0]
        facts = {"protocol": spoken.role.service, "message": spoken.role.message}
        return _named(spoken.role.service, "service.application", (spoken.location,), facts)
    for log in traffic.logs:
        if not isinstance(log, Alert) and log.service:
            return _named(log.service, "service.log", (log.location,), {"source": log.source})
    for announcement in announcements_of(traffic, scene):
        facts = {"protocol": announcement.control, "by": announcement.by}
        return _named(announcement.service, "service.announced", (announcement.location,), facts)
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
