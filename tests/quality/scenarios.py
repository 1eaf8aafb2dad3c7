"""The scenario files of the repository, and what their stories play."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.simulator.played import SEEDS, play
from tickets.packs import Scenario, read_scenario
from tickets.simulator import Simulation

FOLDER = Path(__file__).parents[2] / "fixtures" / "scenarios"
FAMILIES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def scenario_of(family: str) -> Scenario:
    return read_scenario((FOLDER / f"{family}.yaml").read_text(encoding="utf-8"))


def play_scenario(family: str, seed: bytes = SEEDS[1]) -> Simulation:
    return play(scenario_of(family).story, seed)
