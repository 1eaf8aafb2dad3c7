"""Variants as a trainee has them before him: of every scenario file, and of three kinds that give occasion to wrong
ideas which no file that ships gives occasion to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

from tests.quality.openings import RULE, late_start
from tests.quality.scenarios import FAMILIES, generate_scenario, scenario_of
from tickets.engine import (
    Alert,
    Context,
    EvidenceFile,
    Location,
    Packet,
    Record,
    Verdict,
    analyze,
    describe,
    lesson,
)
from tickets.grading import (
    Accepted,
    Answers,
    Grade,
    Shown,
    Truth,
    answers_to_plain,
    build_key,
    grade_worksheet,
    read_accepted,
    read_answers,
    show_records,
)
from tickets.packs import Scenario, fill_scenario
from tickets.quality import seed_number
from tickets.quality.exhibit import Exhibit, ends_of
from tickets.quality.trainees import write_worksheets
from tickets.quality.world import World
from tickets.simulator import Simulation

HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True)
class Desk:
    """One variant with its truth."""

    verdict: Verdict
    records: tuple[Record, ...]
    accepted: tuple[Accepted, ...] = ()

    @cached_property
    def shown(self) -> Shown:
        return show_records(self.records)

    @cached_property
    def world(self) -> World:
        return World(self.verdict, build_key(self.verdict, self.accepted), self.records)

    @cached_property
    def truth(self) -> Truth:
        return Truth(self.world.key, self.verdict, self.shown)

    @cached_property
    def worksheets(self) -> Mapping[str, Answers]:
        """What the simulated trainees write, by the idea that each holds."""
        return write_worksheets(self.world)

    def grade(self, answers: Answers) -> Grade:
        """What becomes of a worksheet that is typed in and submitted."""
        typed, problems = read_answers(answers_to_plain(answers))
        assert not problems, problems
        return grade_worksheet(
            typed, self.verdict, self.accepted, describe=describe, lesson=lesson, shown=self.shown
        )


def judge(scenario: Scenario, played: Simulation) -> Desk:
    """The desk of what was played for a scenario."""
    context = fill_scenario(scenario, played.values).context
    verdict = analyze(_files(played), alert=played.alert, rule=scenario.rule, context=context)
    accepted = read_accepted(
        {"reason_code": item.reason_code, "credit": item.credit, "reason": item.reason}
        for item in scenario.accepted
    )
    return Desk(verdict, Exhibit(scenario, played, verdict).records, accepted)


def _files(played: Simulation) -> list[EvidenceFile]:
    return [EvidenceFile(name=file.name, data=file.data) for file in played.files]


def sit_at(family: str, number: int) -> Desk:
    """A variant of a scenario file."""
    scenario = scenario_of(family)
    return judge(scenario, generate_scenario(family, seed_number(family, number)))


def sit_late(number: int) -> Desk:
    """A capture that was begun when both sides talked already."""
    return judge(*late_start(seed_number("T003", number)))


def sit_in_another_zone(number: int) -> Desk:
    """A log of the same traffic lies beside, of a device that writes the time of another zone."""
    desk = sit_at("T003", number)
    lines = [record for record in desk.records if not isinstance(record, Packet)]
    away_ns = HOUR_NS * (1 + number % 11)
    copied = (
        replace(line, location=Location("elsewhere.log", at), time_ns=line.time_ns + away_ns)
        for at, line in enumerate(lines, 1)
        if line.time_ns is not None
    )
    return replace(desk, records=(*desk.records, *copied))


def sit_before_the_balancer(number: int) -> Desk:
    """An alert about the connection to the load balancer, whose own request names the client that it came from."""
    scenario, played = scenario_of("T054"), generate_scenario("T054", seed_number("T054", number))
    records = judge(scenario, played).records
    clients = {found.client for found in show_records(records).forwarded}
    asked = next(ends for record in records if (ends := ends_of(record))[0].ip in clients)
    alert = Alert(protocol=played.alert.protocol, src=asked[0], dst=asked[1], time_ns=played.alert.time_ns)
    return Desk(analyze(_files(played), alert=alert, rule=RULE, context=Context()), records)


Sitting = Callable[[int], Desk]
SITTINGS: Mapping[str, Sitting] = {
    **{family: partial(sit_at, family) for family in FAMILIES},
    "a late start": sit_late,
    "another zone": sit_in_another_zone,
    "before the balancer": sit_before_the_balancer,
}
