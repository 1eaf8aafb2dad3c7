"""The scenario files of the repository, and what their stories play."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.simulator.played import SEEDS
from tickets.packs import Scenario, read_scenario, setting_of
from tickets.simulator import Simulation, generate

FOLDER = Path(__file__).parents[2] / "fixtures" / "scenarios"
FAMILIES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def scenario_of(family: str) -> Scenario:
    return read_scenario((FOLDER / f"{family}.yaml").read_text(encoding="utf-8"))


def generate_scenario(family: str, seed: bytes) -> Simulation:
    return generate(scenario_of(family).story, seed, setting_of(scenario_of(family)))


@cache
def play_scenario(family: str, seed: bytes = SEEDS[1]) -> Simulation:
    """Played once for all tests."""
    return generate_scenario(family, seed)
