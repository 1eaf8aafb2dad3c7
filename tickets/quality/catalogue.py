"""A whole scenario file put to the proof: the same lesson with many seeds, without a database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tickets.packs import Scenario, setting_of
from tickets.quality.report import Fault, Volume
from tickets.quality.surface import ENOUGH_SIBLINGS, Siblings, odd_volume
from tickets.quality.variant import Clock, prove_variant
from tickets.simulator import generate


@dataclass(frozen=True, slots=True)
class FamilyProof:
    """What several seeds of one scenario gave. `checks` counts those that passed, of `all_checks`."""

    family: str
    seeds: int
    direction: str
    outcome: str
    disposition: str
    checks: int
    all_checks: int
    seconds: float
    faults: tuple[tuple[int, Fault], ...]


def seed_number(family: str, number: int) -> bytes:
    """A seed for everybody to see: nothing that it gives is served."""
    return hashlib.sha256(f"catalogue {family} {number}".encode()).digest()[:16]


def prove_family(scenario: Scenario, seeds: int, *, clock: Clock) -> FamilyProof:
    """Play and check a scenario with `seeds` seeds. All must teach the same, and no two look alike; in all
    there is about as much to read."""
    started = clock()
    lessons: set[str] = set()
    surfaces: set[str] = set()
    faults: list[tuple[int, Fault]] = []
    volumes: list[Volume] = []
    directions: set[str] = set()
    passed = every = 0
    for number in range(1, seeds + 1):
        played = generate(scenario.story, seed_number(scenario.family, number), setting_of(scenario))
        verdict, report = prove_variant(scenario, played, Siblings(lessons, surfaces), clock=clock)
        faults += [(number, fault) for fault in report.faults]
        passed += sum(check.passed for check in report.checks)
        every += len(report.checks)
        lessons.add(report.lesson)
        surfaces.add(report.surface)
        volumes.append(report.volume)
        directions.add(str((verdict and verdict.inputs.dir) or "none"))
    odd = list(_odd_volumes(volumes))
    expected = scenario.expected
    return FamilyProof(
        family=scenario.family,
        seeds=seeds,
        direction=f"{expected.reversed} ({'/'.join(sorted(directions))})",
        outcome=str(expected.outcome),
        disposition=f"{expected.disposition} {expected.reason_code}",
        checks=passed - len({number for number, _ in odd}),
        all_checks=every,
        seconds=clock() - started,
        faults=(*faults, *odd),
    )


def _odd_volumes(volumes: Sequence[Volume]) -> Iterator[tuple[int, Fault]]:
    """Here all are known before any is judged."""
    if len(volumes) >= ENOUGH_SIBLINGS:
        for number, volume in enumerate(volumes, 1):
            yield from ((number, Fault("volume", problem)) for problem in odd_volume(volume, volumes))
