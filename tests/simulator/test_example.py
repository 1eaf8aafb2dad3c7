"""The example of docs/cyber-range.md does what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.simulator.staging import converse_over, make_stage
from tickets.engine import Outcome
from tickets.simulator import SENSORS, CastHost, PlacedTap, Setting, ShownSensor, Signature, Span, Stage
from tickets.simulator.network import Zone

PAGE = Path(__file__).parents[2] / "docs" / "cyber-range.md"


def run_example(number: int) -> dict[str, Any]:
    """The names that one of the page's complete examples defines."""
    names: dict[str, Any] = {}
    examples = re.findall(r"```python\n(from .*?)```", PAGE.read_text(), re.DOTALL)
    exec(compile(examples[number], str(PAGE), "exec"), names)
    return names


def test_the_pages_story_plays_as_it_is_told() -> None:
    conversations = converse_over(run_example(0)["play"](make_stage("page")))
    knocks = {item.endpoints[1].port: item for item in conversations if item.endpoints[0].port == 61_000}
    assert {port: item.outcome for port, item in knocks.items()} == {
        22: Outcome.UNANSWERED,
        80: Outcome.UNANSWERED,
        443: Outcome.ESTABLISHED,
        3389: Outcome.UNANSWERED,
        8443: Outcome.REFUSED,
    }
    assert knocks[443].history == "ShR"
    pages = [item for item in conversations if item.service == "http" and item not in knocks.values()]
    assert [item.orig.ip for item in pages if item.orig] == ["192.0.2.1"]


def test_the_pages_story_of_a_scenario_file_is_told_as_it_stands_there() -> None:
    setting = Setting(
        signature=Signature(
            sid=1900021, rev=1, message="SSH from outside", category="Misc activity", severity=3
        ),
        hosts={
            "stranger": CastHost(zone=Zone.OUTSIDE),
            "bastion": CastHost(zone=Zone.DMZ, addresses=("192.0.2.10",), listens=(22,)),
        },
        published=(("bastion", 22),),
        taps={"dmz": PlacedTap(name="ids-dmz", zone=Zone.DMZ)},
        parameters={"attempts": Span(2, 5)},
        sensors=(
            ShownSensor(sensor="pcap"),
            ShownSensor(sensor="cisco_asa"),
            ShownSensor(sensor="openssh", options={"host": "bastion"}),
        ),
    )
    told = run_example(1)["play_guesses"](Stage("guesses", bytes(16), setting))
    log = next(file.data for file in told.files if file.name == "auth.log")
    assert str(log.count(b"Failed password for backup")) == told.values["attempts"]
    assert told.alert.src == told.truth.orig
    (conversation,) = (
        item
        for item in converse_over(told.files[0].data)
        if set(item.endpoints) == {told.truth.orig, told.truth.resp}
    )
    assert (conversation.orig, conversation.outcome) == (told.truth.orig, Outcome.ESTABLISHED)


def test_the_page_names_every_sensor_with_its_file_and_its_options() -> None:
    rows = dict(
        re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE.read_text().partition("## Sensors")[2], re.MULTILINE)
    )
    assert list(rows)[: len(SENSORS)] == list(SENSORS)
    for name, sensor in SENSORS.items():
        file, _, options = rows[name].split(" | ") if sensor.options else (*rows[name].split(" | "), "")[:3]
        assert file == sensor.file
        assert re.findall(r"`(\w+)`", options) == list(sensor.options)
        for values in sensor.options.values():
            assert all(value in options or value.lstrip("-").isdigit() for value in values), name
