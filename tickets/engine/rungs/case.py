"""What every rung works with: the scene, one conversation in it, and the clue that a rung gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..control import Announcement
from ..halves import Account
from ..traffic import Spoken, Traffic
from ..types import Basis, Endpoint, FlowRecord, Location, LogRecord, Protocol

MANY_PEERS = 3
# How far a log line is believed about who opened the conversation.
BASES: Mapping[Basis, float] = {
    Basis.HOST: 0.98,
    Basis.DECOY: 0.97,
    Basis.HANDSHAKE: 0.95,
    Basis.DENIED_PACKET: 0.95,
    Basis.SESSION: 0.93,
    Basis.EITHER_SYN: 0.92,
    Basis.PARSER: 0.88,
    Basis.REPLY: 0.85,
    Basis.SYN_ACK: 0.85,
    Basis.TRACKED: 0.85,
    Basis.PORTS: 0.7,
    Basis.FIRST_PACKET: 0.6,
    Basis.ARBITRARY: 0.0,
}
# A flow record whose roles rest on no more than this is a guess, and stands among the guesses.
ORDER_ONLY = 0.8


class Clue(NamedTuple):
    """What one rung says: `side` opened the conversation, by these records."""

    rule: str
    side: int
    confidence: float
    records: tuple[Location, ...]
    facts: Mapping[str, str]


@dataclass(slots=True)
class Scene:
    """The evidence as a whole: what was announced, who talks with many, who opened what before."""

    traffics: Sequence[Traffic]
    announcements: Mapping[tuple[Protocol, Endpoint], Sequence[Announcement]] = field(default_factory=dict)
    peers: dict[Endpoint, tuple[Endpoint, ...]] = field(default_factory=dict)
    earlier: dict[tuple[Protocol, frozenset[Endpoint]], Clue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for traffic in self.traffics:
            self.note_peers(*traffic.ends)

    def note_peers(self, one: Endpoint, other: Endpoint) -> None:
        """Note that two endpoints talk with each other; how many more than a few is not asked."""
        for endpoint, peer in ((one, other), (other, one)):
            known = self.peers.get(endpoint, ())
            if len(known) < MANY_PEERS and peer not in known:
                self.peers[endpoint] = (*known, peer)


@dataclass(frozen=True, slots=True)
class Case:
    """One conversation as the rungs see it."""

    traffic: Traffic
    scene: Scene
    spoken: tuple[Spoken, ...]
    accounts: tuple[Account, ...]
    ends: tuple[Endpoint, Endpoint]
    names: tuple[str, str]  # of the ends: every clue tells them

    def clue(
        self, rule: str, side: int, confidence: float, records: Iterable[Location | None], /, **facts: str
    ) -> Clue:
        """Say that `side` opened the conversation."""
        told = {"orig": self.names[side], "resp": self.names[1 - side], **facts}
        return Clue(rule, side, confidence, tuple([place for place in records if place]), told)

    def clue_of(
        self,
        rule: str,
        orig: Endpoint,
        confidence: float,
        records: Iterable[Location | None],
        /,
        **facts: str,
    ) -> Iterator[Clue]:
        """Say that an endpoint of the conversation opened it; another endpoint is no clue."""
        side = self.traffic.side_of(orig)
        if side is not None:
            yield self.clue(rule, side, confidence, records, **facts)


Rung = Callable[[Case], Iterator[Clue]]


def statements(case: Case, basis: Basis) -> Iterator[LogRecord]:
    """Yield the log lines that say who opened the conversation, and rest it on `basis`."""
    for log in case.traffic.logs:
        if isinstance(log, LogRecord) and log.basis is basis and log.orig is not None:
            yield log


def stated(case: Case, rule: str, log: LogRecord, **facts: str) -> Iterator[Clue]:
    """The line's own originator, as far as its basis is believed."""
    if log.orig is not None:
        yield from case.clue_of(rule, log.orig, BASES[log.basis], (log.location,), **facts)


def flows_of(case: Case) -> Iterator[FlowRecord]:
    return (log for log in case.traffic.logs if isinstance(log, FlowRecord))


def flow_clue(case: Case, rule: str, flow: FlowRecord, confidence: float) -> Iterator[Clue]:
    flags = "/".join(f"{value:02x}" for value in (flow.orig_flags, flow.resp_flags) if value is not None)
    facts = {"source": flow.source, "state": flow.state, "history": flow.history, "flags": flags}
    yield from case.clue_of(rule, flow.orig, confidence, (flow.location,), **facts)


def first_record(case: Case) -> tuple[Location, ...]:
    return tuple(case.traffic.records[:1])
