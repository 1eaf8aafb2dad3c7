"""The checks find the faults that a generator could have."""

from __future__ import annotations

from functools import cache

import pytest

from tests.quality.faults import FAULTS, SeededFault
from tests.quality.openings import OPENINGS, Opened
from tests.quality.scenarios import play_scenario, scenario_of
from tickets.quality import Report, Siblings, prove_variant

MAY_ESCAPE = 2


@cache
def _fair(family: str) -> Opened:
    """A variant without fault: of a family, or one whose key leaves something open."""
    return OPENINGS[family]() if family in OPENINGS else (scenario_of(family), play_scenario(family))


@cache
def _siblings(family: str) -> Siblings:
    """What other variants of the family are like. Of those that leave something open there is only one each."""
    if family in OPENINGS:
        return Siblings()
    proven = [prove_variant(scenario_of(family), play_scenario(family, bytes([n]) * 16)) for n in range(6)]
    reports = [report for _, report in proven]
    return Siblings({report.lesson for report in reports}, volumes=[report.volume for report in reports])


@cache
def _found(fault: SeededFault) -> Report:
    scenario, played = _fair(fault.family)
    damaged = fault.damage(played)
    assert damaged != played, "the fault does nothing"
    return prove_variant(scenario, damaged, _siblings(fault.family)).report


def test_there_are_fifty_seeded_faults_in_every_family() -> None:
    assert len(FAULTS) >= 50
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    families = {"T001", "T003", "T004", "T011", "T013", "T014", *OPENINGS}
    assert {fault.family for fault in FAULTS} == families


def test_without_a_fault_all_of_them_are_fair() -> None:
    for family in {fault.family for fault in FAULTS}:
        assert prove_variant(*_fair(family), _siblings(family)).report.faults == ()


def test_nearly_all_seeded_faults_are_caught(capsys: pytest.CaptureFixture[str]) -> None:
    escaped = [fault.name for fault in FAULTS if _found(fault).passed]
    with capsys.disabled():
        print(f"\n{len(FAULTS) - len(escaped)} of {len(FAULTS)} seeded faults are caught", end="")
        print("".join(f"\n  not caught: {name}" for name in escaped))
    assert len(escaped) <= MAY_ESCAPE
