"""Conversations that only logs tell of: those that are alike are concluded once.

A log has thousands of lines that differ in nothing that a rung or a table of outcomes looks at. The first of its kind
is concluded as every conversation is, the others share who opened it, how sure that is, and what became of it. Their
findings, which name their own records and ends, are made when they are asked for.

What a rule newly looks at in a log has to be named in `_code`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable
from functools import lru_cache
from typing import NamedTuple

from .conversations import conclude, logged, totals_of
from .grouping import key_of
from .halves import HEADERS, is_part
from .ports import service_on
from .rungs import BOUNDARIES, MANY_PEERS, Scene, find_basis
from .traffic import Log, Traffic, is_group
from .types import Alert, Conversation, Endpoint, Finding, FlowRecord, Location, LogRecord, Outcome, Protocol

# 0 is no port.
PORT_CLASSES = (1, *BOUNDARIES)
# Of more kinds than this the first are forgotten: then the lines are hardly alike.
MAX_KINDS = 1 << 14
MAX_LOGS = 8
# Of a line's other fields findings tell, but no conclusion rests on them (`outcome`, `rungs`).
DECIDING = ("flags", "reason", "bytes")


class Conclusion(NamedTuple):
    """What all conversations of one kind have in common."""

    side: int | None
    outcome: Outcome
    service: str
    confidence: float


class LogTelling(NamedTuple):
    """Tells the findings of one conversation. No other has its ends, so nothing was said of them earlier."""

    traffic: Traffic
    scene: Scene

    def findings(self) -> tuple[Finding, ...]:
        return conclude(self.traffic, self.own_scene()).findings

    def records(self) -> tuple[Location, ...]:
        return tuple(self.traffic.records)

    def basis(self) -> Finding | None:
        return find_basis(self.traffic, self.own_scene())

    def own_scene(self) -> Scene:
        return Scene((), peers=self.scene.peers)


def conclude_all(scene: Scene) -> list[Conversation]:
    """Conclude every conversation of a scene, in its order."""
    keys = [key_of(traffic.protocol, *traffic.ends) for traffic in scene.traffics]
    ends = Counter(keys)
    known: dict[Hashable, Conclusion] = {}
    return [
        _conclude_once(traffic, scene, known)
        if ends[key] == 1 and _is_plain(traffic, scene)
        else conclude(traffic, scene)
        for traffic, key in zip(scene.traffics, keys, strict=True)
    ]


def _is_plain(traffic: Traffic, scene: Scene) -> bool:
    """Is all that is known of it what its log lines say, each for itself? Parts of a flow are judged together, and of
    several alerts their order tells."""
    if traffic.has_packets or traffic.protocol is Protocol.ICMP or scene.announcements:
        return False
    if traffic.unreachables or traffic.told_errors or traffic.views or traffic.joins or traffic.spoken:
        return False
    logs = traffic.logs
    if not 0 < len(logs) <= MAX_LOGS:
        return False
    alerts = 0
    for log in logs:
        if isinstance(log, FlowRecord) and is_part(log):
            return False
        alerts += isinstance(log, Alert)
    return alerts <= 1


def _conclude_once(traffic: Traffic, scene: Scene, known: dict[Hashable, Conclusion]) -> Conversation:
    code = _code(traffic, scene)
    found = known.get(code)
    telling = LogTelling(traffic, scene)
    if found is None:
        if len(known) >= MAX_KINDS:
            known.clear()
        found = known[code] = _conclusion(telling)
    return _tell(telling, found)


def _conclusion(telling: LogTelling) -> Conclusion:
    first = conclude(telling.traffic, telling.own_scene())
    side = None if first.orig is None else int(first.flipped)
    return Conclusion(side, first.outcome, first.service, first.confidence)


def _tell(telling: LogTelling, found: Conclusion) -> Conversation:
    """Put the conversation's own values to those of its kind."""
    traffic, side = telling.traffic, found.side
    ends = traffic.ends
    orig, resp = (None, None) if side is None else (ends[side], ends[1 - side])
    values = (
        traffic.protocol, ends, orig, resp, found.outcome, *logged(traffic), found.service, traffic.first_ns,
        traffic.last_ns, *totals_of(traffic, side or 0), side == 1, found.confidence, traffic.views, traffic.layers,
    )  # fmt: skip
    return Conversation.told_by(telling, values)


# What the rungs and the tables of outcomes look at


def _code(traffic: Traffic, scene: Scene) -> Hashable:
    """Return what stands for all that a conclusion rests on."""
    protocol, ends, peers = traffic.protocol, traffic.ends, scene.peers
    one, other = ends
    return (
        protocol, (one.port > other.port) - (one.port < other.port),
        _port(protocol, one.port), is_group(one.ip), len(peers.get(one, ())) >= MANY_PEERS,
        _port(protocol, other.port), is_group(other.ip), len(peers.get(other, ())) >= MANY_PEERS,
        *[_log_code(log, ends) for log in traffic.logs],
    )  # fmt: skip


@lru_cache(maxsize=1 << 17)
def _port(protocol: Protocol, port: int) -> tuple[int, str]:
    return bisect_right(PORT_CLASSES, port), service_on(protocol, port)


def _log_code(log: Log, ends: tuple[Endpoint, Endpoint]) -> Hashable:
    if isinstance(log, FlowRecord):
        packets, answers = log.orig_packets, log.resp_packets
        return (
            log.source, log.basis, log.outcome, log.orig_flags, log.resp_flags, log.state, log.history, log.service,
            _place(ends, log.orig), _place(ends, log.resp), packets > 0, log.orig_bytes > HEADERS * packets, answers > 0,
            log.resp_bytes > HEADERS * answers,
        )  # fmt: skip
    if isinstance(log, LogRecord):
        return (
            log.source, log.basis, log.statement, log.service, _place(ends, log.src), _place(ends, log.dst),
            _place(ends, log.orig), _place(ends, log.resp),
            *[log.fields.get(name) for name in DECIDING],
        )  # fmt: skip
    return (
        log.source, log.basis, log.direction, log.action, log.flow_id == "", _place(ends, log.src), _place(ends, log.dst),
        _place(ends, log.flow_orig), _place(ends, log.flow_resp),
    )  # fmt: skip


def _place(ends: tuple[Endpoint, Endpoint], end: Endpoint | None) -> int | None:
    """Return which of the two ends an endpoint is: -1 for another, None for none."""
    return None if end is None else 0 if end == ends[0] else 1 if end == ends[1] else -1
