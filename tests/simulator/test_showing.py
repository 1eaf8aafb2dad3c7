"""The sensors by name: what each shows is read back, and each line prints what an alert about it would name."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.settings import day_scene
from tickets.engine import Alert, FlowRecord, Location, Record, read_evidence
from tickets.simulator import SENSORS, ShownSensor
from tickets.simulator.sensors.lines import Ends
from tickets.simulator.showing import name_files, show
from tickets.simulator.writers.place import Written

ROOT = Path(__file__).parents[2]
# What only other programs know, or nobody here says.
NEED_PROGRAMS = {"palo_alto_threat", "zeek_notice", "openssh", "zeek_ssh"}


def shown(name: str, **options: str) -> ShownSensor:
    """The sensor where it can stand in the day's network."""
    known = SENSORS[name]
    if "host" in known.options:
        options = {
            "host": "portal" if name.startswith(("aws", "azure", "gcp", "openssh")) else "decoy"
        } | options
    tap = "portal" if known.on_card else "inside" if name == "zeek_dns" else ""
    return ShownSensor(sensor=name, tap=tap, options=options)


def every_choice() -> Iterator[ShownSensor]:
    for name, sensor in SENSORS.items():
        yield shown(name)
        for option, values in sensor.options.items():
            for value in values:
                yield shown(name, **{option: value})


def write(sensor: ShownSensor) -> tuple[str, Written]:
    (name,) = name_files([sensor], day_scene())
    return name, show(day_scene(), sensor, name)


def records_of(name: str, data: bytes) -> dict[Location | None, list[Record]]:
    reading = read_evidence(name, data)
    found: defaultdict[Location | None, list[Record]] = defaultdict(list)
    for record in reading.records:
        found[record.location].append(record)
    assert reading.problems == []
    return found


def ends_of(record: Record) -> Ends:
    return (record.orig, record.resp) if isinstance(record, FlowRecord) else (record.src, record.dst)


@pytest.mark.parametrize("name", sorted(set(SENSORS) - NEED_PROGRAMS))
def test_what_a_sensor_shows_is_read_back_without_a_problem(name: str) -> None:
    file, written = write(shown(name))
    assert records_of(file, written.data)


@pytest.mark.parametrize("name", sorted(SENSORS))
def test_a_line_prints_the_ends_that_an_alert_about_it_names(name: str) -> None:
    file, written = write(shown(name))
    records = records_of(file, written.data) if written.lines else {}
    for line in written.lines:
        printed = [ends_of(record) for record in records.get(Location(file, line.number), [])]
        if name == "cisco_asa":  # it prints the side of lower security first, whoever opened
            printed += [ends[::-1] for ends in printed]
        assert not printed or line.ends in printed, line


@pytest.mark.parametrize("name", ["suricata_eve", "suricata_fast"])
def test_an_alert_of_suricata_is_the_record_that_is_read_at_its_place(name: str) -> None:
    file, written = write(shown(name))
    (alert,) = written.alerts
    assert alert in records_of(file, written.data)[alert.location]


@pytest.mark.parametrize("name", ["snort_fast", "snort_csv", "snort_json"])
def test_an_alert_of_snort_is_a_line_of_its_file_with_the_same_ends(name: str) -> None:
    file, written = write(shown(name))
    (alert,) = written.alerts
    assert alert.raw in written.data.decode().splitlines()
    ((read,),) = records_of(file, written.data).values()
    assert isinstance(read, Alert)
    assert (read.src, read.dst, read.sid, read.source) == (alert.src, alert.dst, alert.sid, alert.source)


def test_every_option_is_taken_with_every_value_that_it_names() -> None:
    for sensor in every_choice():
        if sensor.sensor not in NEED_PROGRAMS:
            is_sampled = sensor.options.get("one_in", "1") != "1"
            assert write(sensor)[1].data or is_sampled, sensor


def test_two_files_of_a_kind_carry_their_places_in_their_names_and_in_their_alerts() -> None:
    sensors = [ShownSensor(sensor="suricata_eve", tap=tap) for tap in ("edge", "inside")]
    names = name_files(sensors, day_scene())
    assert names == ["ids-edge-eve.json", "ids-inside-eve.json"]
    for sensor, name in zip(sensors, names, strict=True):
        written = show(day_scene(), sensor, name)
        (alert,) = written.alerts
        assert alert in records_of(name, written.data)[alert.location]


def test_a_sensor_with_two_taps_writes_one_capture_of_both() -> None:
    one, other = (write(ShownSensor(sensor="pcap", tap=tap))[1].data for tap in ("edge", "inside"))
    both = write(ShownSensor(sensor="pcap", tap="edge", options={"second_tap": "inside"}))[1].data
    assert len(both) == len(one) + len(other) - 24


def digests() -> list[str]:
    return [f"{name} {hashlib.sha256(write(shown(name))[1].data).hexdigest()}" for name in SENSORS]


def test_another_process_hash_seed_zone_and_locale_show_the_same_bytes() -> None:
    elsewhere = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Chatham", "LC_ALL": "C", "PATH": os.environ["PATH"]}
    command = "from tests.simulator.test_showing import digests\nprint('\\n'.join(digests()))\n"
    output = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=elsewhere, capture_output=True, text=True, check=True
    ).stdout
    assert output.splitlines() == digests()
