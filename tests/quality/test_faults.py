"""The checks find the faults that a generator could have."""

from __future__ import annotations

from functools import cache

import pytest

from tests.quality.faults import FAULTS, SeededFault
from tests.quality.test_variant import scenario_of
from tests.simulator.played import SEEDS, play
from tickets.quality import Report, prove_variant

MAY_ESCAPE = 2


@cache
def _found(fault: SeededFault) -> Report:
    scenario = scenario_of(fault.family)
    played = play(scenario.story, SEEDS[1])
    damaged = fault.damage(played)
    assert damaged != played, "the fault does nothing"
    return prove_variant(scenario, damaged).report


def test_there_are_fifty_seeded_faults_in_every_family() -> None:
    assert len(FAULTS) >= 50
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert {fault.family for fault in FAULTS} == {"T001", "T003", "T004", "T011", "T013", "T014"}


def test_nearly_all_seeded_faults_are_caught(capsys: pytest.CaptureFixture[str]) -> None:
    escaped = [fault.name for fault in FAULTS if _found(fault).passed]
    with capsys.disabled():
        print(f"\n{len(FAULTS) - len(escaped)} of {len(FAULTS)} seeded faults are caught", end="")
        print("".join(f"\n  not caught: {name}" for name in escaped))
    assert len(escaped) <= MAY_ESCAPE
