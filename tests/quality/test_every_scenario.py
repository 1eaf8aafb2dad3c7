"""Every scenario file of the repository: the same bytes everywhere, captures that Wireshark reads, no two alike."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.quality.scenarios import FAMILIES, generate_scenario, play_scenario
from tests.simulator.dissecting import STATUSES, dissect, needs_tshark
from tests.simulator.played import SEEDS
from tickets.engine import Packet, read_evidence
from tickets.quality import seed_number
from tickets.simulator import Simulation

ROOT = Path(__file__).parents[2]
PRINT_DIGESTS = """
from tests.quality.scenarios import FAMILIES, play_scenario
from tests.quality.test_every_scenario import SEEDS, digest
for family in FAMILIES:
    print(family, *(digest(play_scenario(family, seed)) for seed in SEEDS))
"""
# What a process has about it that could find its way into the bytes.
PLACES = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONOPTIMIZE": "1"},
)
PCAP_MAGICS = frozenset({b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a"})
FLAWS = " || ".join(("_ws.malformed", *(f"{name}.checksum.status == 0" for name in STATUSES)))


def digest(played: Simulation) -> str:
    files = (played.story, played.files, played.alert, sorted(played.values.items()))
    told = (*files, played.truth, played.surface, sorted(played.oddities))
    return hashlib.sha256(repr(told).encode()).hexdigest()


@cache
def digests_elsewhere(place: int) -> dict[str, list[str]]:
    """By family, as another process prints them."""
    output = subprocess.run(
        [sys.executable, "-c", PRINT_DIGESTS],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **PLACES[place]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {line.split()[0]: line.split()[1:] for line in output.splitlines()}


@pytest.mark.parametrize("family", FAMILIES)
def test_two_processes_with_other_hash_seeds_zones_and_locales_make_the_same_bytes(family: str) -> None:
    here = [digest(play_scenario(family, seed)) for seed in SEEDS]
    assert [digests_elsewhere(place)[family] for place in range(len(PLACES))] == [here] * len(PLACES)


# What is the lesson: every packet recorded twice, a heartbeat that claims more than it carries.
MEANT = {"T052": "New fragment overlaps old data", "T091": "Heartbeat Request"}


@needs_tshark
@pytest.mark.parametrize("family", FAMILIES)
def test_wireshark_reads_every_capture_whole_and_finds_nothing_malformed_and_no_wrong_checksum(
    family: str, tmp_path: Path
) -> None:
    for seed in SEEDS[:2]:
        for file in play_scenario(family, seed).files:
            if file.data[:4] not in PCAP_MAGICS:
                continue
            capture = tmp_path / file.name
            capture.write_bytes(file.data)
            packets = [r for r in read_evidence(file.name, file.data).records if isinstance(r, Packet)]
            assert len(dissect(capture, "ip || ipv6")) == len(packets), file.name
            flaws = [
                line for line in dissect(capture, FLAWS) if family not in MEANT or MEANT[family] not in line
            ]
            assert flaws == [], file.name


@needs_tshark
def test_wireshark_looks_at_checksums_when_it_is_asked_to(tmp_path: Path) -> None:
    """Without that the test above could not fail."""
    file = next(file for file in play_scenario("T001").files if file.name == "capture.pcap")
    data = bytearray(file.data)
    data[24 + 16 + 14 + 8] ^= 1  # the first packet's TTL, behind the headers of file, record and frame
    capture = tmp_path / file.name
    capture.write_bytes(data)
    assert len(dissect(capture, FLAWS)) == 1


@pytest.mark.slow
def test_a_hundred_variants_have_a_hundred_surfaces() -> None:
    surfaces = {generate_scenario("T001", seed_number("T001", number)).surface for number in range(100)}
    assert len(surfaces) == 100


@pytest.mark.parametrize("family", FAMILIES)
def test_a_dozen_variants_of_every_scenario_have_a_dozen_surfaces(family: str) -> None:
    surfaces = {generate_scenario(family, seed_number(family, number)).surface for number in range(12)}
    assert len(surfaces) == 12
