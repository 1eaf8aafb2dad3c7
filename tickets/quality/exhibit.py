"""A variant laid out for checking: its files read back by the engine, sorted by conversation.

Nothing here comes from the simulator's own knowledge: what a check compares is what a trainee could read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tickets.engine import (
    Alert,
    Endpoint,
    EngineError,
    FlowRecord,
    Location,
    LogRecord,
    Packet,
    Problem,
    Protocol,
    Record,
    Rule,
    Verdict,
    parse_rule,
    read_evidence,
)
from tickets.packs import Filled, Scenario, fill_scenario
from tickets.simulator import Oddity, Simulation

Key = tuple[Protocol, frozenset[Endpoint]]


def key_of(protocol: Protocol, one: Endpoint, other: Endpoint) -> Key:
    """A conversation's two ends in no order. ICMP has no ports: there the addresses are enough."""
    if protocol is Protocol.ICMP:
        one, other = one._replace(port=0), other._replace(port=0)
    return protocol, frozenset((one, other))


def ends_of(record: Record) -> tuple[Endpoint, Endpoint]:
    return (record.orig, record.resp) if isinstance(record, FlowRecord) else (record.src, record.dst)


@dataclass(frozen=True)
class Exhibit:
    """One variant: the scenario, what was played for it, and what the engine concluded from its files."""

    scenario: Scenario
    played: Simulation
    verdict: Verdict

    @cached_property
    def filled(self) -> Filled:
        return fill_scenario(self.scenario, self.played.values)

    @cached_property
    def rule(self) -> Rule:
        return parse_rule(self.scenario.rule)

    @cached_property
    def _read(self) -> tuple[Mapping[str, tuple[Record, ...]], tuple[Problem, ...]]:
        files: dict[str, tuple[Record, ...]] = {}
        problems: list[Problem] = []
        for file in self.played.files:
            try:
                reading = read_evidence(file.name, file.data)
                files[file.name] = tuple(reading.records)
                problems += reading.problems
            except EngineError as error:
                problems.append(Problem(file.name, error.place, error.problem))
        return files, tuple(problems)

    @property
    def files(self) -> Mapping[str, tuple[Record, ...]]:
        """The records of each file that can be read, by its name."""
        return self._read[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._read[1]

    @cached_property
    def records(self) -> tuple[Record, ...]:
        return tuple(record for records in self.files.values() for record in records)

    @cached_property
    def by_place(self) -> Mapping[Location | None, Record]:
        return {record.location: record for record in self.records}

    @cached_property
    def captures(self) -> Mapping[str, Mapping[Key, tuple[Packet, ...]]]:
        """The packets of each capture by conversation, in the order of the file. A file may hold what several taps
        recorded; those that put tags on are told apart by them."""
        found: dict[str, dict[Key, tuple[Packet, ...]]] = {}
        for name, records in self.files.items():
            by_tap: defaultdict[str, defaultdict[Key, list[Packet]]] = defaultdict(lambda: defaultdict(list))
            for packet in records:
                if isinstance(packet, Packet):
                    tags = " ".join(layer for layer in packet.layers if layer.startswith("vlan:"))
                    by_tap[tags][key_of(packet.protocol, packet.src, packet.dst)].append(packet)
            for tags, conversations in by_tap.items():
                tap = f"{name} {tags}".rstrip()
                found[tap] = {key: tuple(own) for key, own in conversations.items()}
        return found

    @cached_property
    def flows(self) -> tuple[FlowRecord, ...]:
        return tuple(record for record in self.records if isinstance(record, FlowRecord))

    @cached_property
    def logs(self) -> tuple[LogRecord, ...]:
        return tuple(record for record in self.records if isinstance(record, LogRecord))

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        return tuple(record for record in self.records if isinstance(record, Alert))

    def views(self, key: Key) -> Iterator[tuple[str, tuple[Packet, ...]]]:
        """What each capture holds of a conversation, with the capture's name."""
        for name, conversations in self.captures.items():
            if key in conversations:
                yield name, conversations[key]

    def is_odd(self, *oddities: Oddity) -> bool:
        return any(oddity in self.played.oddities for oddity in oddities)

    @cached_property
    def lesson_keys(self) -> frozenset[Key]:
        """The ends of the conversation that the alert is about, as they are seen on each side of a translation."""
        conversation = self.verdict.conversation
        if conversation is None:
            return frozenset()
        views = (conversation.endpoints, *conversation.translated)
        return frozenset(key_of(conversation.protocol, *ends) for ends in views)
