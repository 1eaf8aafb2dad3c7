"""The same seed gives the same bytes, wherever and whenever it is played."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulator.played import EXAMPLES, PLAYS, SEEDS, generate_story, play
from tests.simulator.protocols import play_all
from tickets.simulator import Simulation, generate
from tickets.simulator.network import Zone
from tickets.simulator.recording import record
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.stage import NO_SETTING

ROOT = Path(__file__).parents[2]
PRINT_DIGESTS = """
from tests.simulator.played import PLAYS, generate_story
from tests.simulator.test_same_seed import digest, digest_of_protocols
for story, seed in PLAYS:
    print(digest(generate_story(story, seed)))
print(digest_of_protocols())
"""


def digest(simulation: Simulation) -> str:
    told = repr((simulation.files, simulation.alert, simulation.values, simulation.truth, simulation.surface))
    return hashlib.sha256(told.encode()).hexdigest()


def digest_of_protocols() -> str:
    """Of a capture in which every protocol is spoken, in front of the translation."""
    stage, dialogues = play_all()
    recording = record(dialogues.values(), stage.tap("tap", Zone.OUTSIDE), stage.firewall())
    return hashlib.sha256(write_capture(recording)).hexdigest()


def test_a_story_played_twice_gives_the_same_bytes() -> None:
    for story, seed in PLAYS:
        assert digest(generate_story(story, seed)) == digest(generate_story(story, seed))


def test_another_process_hash_seed_zone_and_locale_give_the_same_bytes() -> None:
    elsewhere = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Chatham", "LC_ALL": "C", "PATH": os.environ["PATH"]}
    output = subprocess.run(
        [sys.executable, "-c", PRINT_DIGESTS],
        cwd=ROOT,
        env=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert output.split() == [*(digest(play(story, seed)) for story, seed in PLAYS), digest_of_protocols()]


@pytest.mark.parametrize("story", EXAMPLES)
def test_other_seeds_give_other_addresses_other_bytes_and_another_surface(story: str) -> None:
    plays = [play(story, seed) for seed in SEEDS]
    assert len({played.surface for played in plays}) == len(SEEDS)
    assert len({(played.truth.orig, played.truth.resp) for played in plays}) == len(SEEDS)
    for files in zip(*(played.files for played in plays), strict=True):
        assert len({file.name for file in files}) == 1
        assert len({file.data for file in files}) == len(SEEDS)


def test_one_seed_in_two_stories_shares_no_addresses_that_would_give_one_away_by_the_other() -> None:
    origins = {play(story).truth.orig for story in EXAMPLES}
    assert len(origins) == len(EXAMPLES)


def test_a_seed_of_another_length_and_an_unknown_story_are_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes, not 4"):
        generate_story("web_return", b"abcd")
    with pytest.raises(ValueError, match="no story 'nothing'"):
        generate("nothing", SEEDS[0], NO_SETTING)


def test_a_story_that_asks_for_what_its_file_does_not_name_says_so() -> None:
    with pytest.raises(
        ValueError, match="web_return asks for the host 'reader', which its file does not name"
    ):
        generate("web_return", SEEDS[0], NO_SETTING)
