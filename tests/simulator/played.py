"""Six stories with three seeds, played once for all tests. Every scenario file is played in tests/quality."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.captures import Seen, read_capture
from tickets.packs import Scenario, read_scenario, setting_of
from tickets.simulator import Simulation, generate

FOLDER = Path(__file__).parents[2] / "fixtures" / "scenarios"
SEEDS = [bytes.fromhex(text) for text in ("00" * 16, "8f3a1c5577e2904bd6aa01f3c94e7b20", "ff" * 16)]
# Each shows a capture, Suricata's log and Zeek's of one tap.
EXAMPLES = ("web_return", "bastion_login", "knock_at_the_edge", "closed_port", "decoy_knock", "decoy_logins")
PLAYS = [(story, seed) for story in EXAMPLES for seed in SEEDS]
every_play = pytest.mark.parametrize(
    ("story", "seed"), PLAYS, ids=[f"{story}-{seed.hex()[:4]}" for story, seed in PLAYS]
)


@cache
def _by_story() -> dict[str, Scenario]:
    scenarios = (read_scenario(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml")))
    return {scenario.story: scenario for scenario in scenarios}


def generate_story(story: str, seed: bytes) -> Simulation:
    """The story on the network of the scenario file that tells it."""
    return generate(story, seed, setting_of(_by_story()[story]))


@cache
def play(story: str, seed: bytes = SEEDS[1]) -> Simulation:
    return generate_story(story, seed)


def file_of(simulation: Simulation, name: str) -> bytes:
    return next(file.data for file in simulation.files if file.name == name)


def lines_of(simulation: Simulation, name: str) -> list[str]:
    return file_of(simulation, name).decode().splitlines()


def capture_of(simulation: Simulation) -> list[Seen]:
    return read_capture(file_of(simulation, "capture.pcap"))


def lesson_of(simulation: Simulation) -> list[Seen]:
    """The packets of the conversation that the story is about."""
    ends = {tuple(simulation.truth.orig), tuple(simulation.truth.resp)}
    return [packet for packet in capture_of(simulation) if {packet.src, packet.dst} == ends]


def eve_of(simulation: Simulation, kind: str) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in lines_of(simulation, "eve.json")]
    return [event for event in events if event["event_type"] == kind]


def zeek_of(simulation: Simulation) -> list[dict[str, str]]:
    lines = lines_of(simulation, "conn.log")
    names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines if not line.startswith("#")]
