"""All sensors tell of the same packets, and tell it the same way on every machine."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.simulator.sensors.everything import write_everything
from tests.simulator.sensors.scenes import Scene, flow_of, flows_in, read_back, scene, statements_in
from tickets.engine.types import Endpoint, FlowRecord, TcpFlags
from tickets.simulator.recording import Flow

ROOT = Path(__file__).parents[3]
PRINT = "from tests.simulator.sensors.everything import print_digests\nprint_digests()\n"
# Sensors whose flows are told by both ends, and by halves; the second count of bytes is of whole frames.
WHOLE = ("suricata", "zeek", "argus", "paloalto", "fortigate")
HALVES = ("nfdump", "nfdump.48", "aws", "gcp")
KINDS = ("page", "refused", "half_open", "torn", "silent", "clock")
NOT_EVIDENCE = {"capture", "zeek.http", "zeek.dns"}


@cache
def written() -> dict[str, bytes]:
    return write_everything(scene())


def _flows(sensor: str, flow: Flow) -> list[FlowRecord]:
    """What the engine reads of a conversation in a sensor's file, by the addresses of either side of the firewall."""
    _, records = read_back(sensor, written()[sensor])
    ports = {flow.orig.port, flow.resp.port}
    inner = {flow.dialogue.client.host.ip, flow.dialogue.server.host.ip}
    hosts = inner | {flow.orig.ip, flow.resp.ip}
    return [
        item
        for item in flows_in(records)
        if {item.orig.port, item.resp.port} == ports
        and {item.orig.ip, item.resp.ip} <= hosts
        and not item.source.endswith("netflow")
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sensor", WHOLE)
def test_sensors_of_both_directions_count_what_the_tap_saw_of_each(sensor: str, kind: str) -> None:
    flow = flow_of(scene().recording(), scene().dialogues[kind])
    (told,) = _flows(sensor, flow)
    sides = [flow.tally(from_orig=side) for side in (True, False)]
    assert (told.orig_packets, told.resp_packets) == (sides[0].packets, sides[1].packets)
    sizes = {
        "suricata": [side.frame_bytes for side in sides],
        "argus": [side.frame_bytes for side in sides],
        "paloalto": [side.frame_bytes for side in sides],
        "fortigate": [side.ip_bytes for side in sides],
        "zeek": [side.payload_bytes if flow.end_ns > flow.start_ns else 0 for side in sides],
    }[sensor]
    assert [told.orig_bytes, told.resp_bytes] == sizes
    assert told.orig.port == flow.orig.port


@pytest.mark.parametrize("kind", ["refused", "half_open", "torn", "clock"])
@pytest.mark.parametrize("sensor", HALVES)
def test_sensors_of_halves_count_each_direction_on_its_own(sensor: str, kind: str) -> None:
    flow = flow_of(scene().recording(), scene().dialogues[kind])
    halves = {half.orig: half for half in _flows(sensor, flow)}
    for end, side in ((flow.orig, True), (flow.resp, False)):
        tally = flow.tally(from_orig=side)
        assert (halves[end].orig_packets, halves[end].orig_bytes) == (tally.packets, tally.ip_bytes)


@pytest.mark.parametrize("kind", ["page", "refused", "half_open", "torn"])
def test_flags_state_and_history_tell_the_same_story(kind: str) -> None:
    flow = flow_of(scene().recording(), scene().dialogues[kind])
    (suricata,), (zeek,), (argus,) = (_flows(sensor, flow) for sensor in ("suricata", "zeek", "argus"))
    sides = [flow.tally(from_orig=side).flags for side in (True, False)]
    assert [suricata.orig_flags, suricata.resp_flags] == sides
    for half in _flows("nfdump.48", flow):
        assert half.orig_flags == sides[half.orig == flow.resp]
    letters = {"h": sides[1] & TcpFlags.SYN, "F": sides[0] & TcpFlags.FIN, "r": sides[1] & TcpFlags.RST}
    assert {letter: letter in zeek.history for letter in letters} == {
        name: bool(is_set) for name, is_set in letters.items()
    }
    assert (argus.state == "RST") is bool((sides[0] | sides[1]) & TcpFlags.RST)


@pytest.mark.parametrize("kind", ["page", "torn", "refused"])
def test_each_begins_and_ends_when_the_packets_did_by_its_own_rounding(kind: str) -> None:
    flow = flow_of(scene().recording(), scene().dialogues[kind])
    for sensor, step_ns in (("suricata", 1_000), ("zeek", 1_000), ("argus", 1_000), ("nfdump", 1_000_000)):
        records = _flows(sensor, flow)
        assert abs(min(item.time_ns for item in records) - flow.start_ns) < step_ns
        assert abs(max(item.end_ns for item in records) - flow.end_ns) < 2 * step_ns


def test_every_file_is_read_back_without_a_problem() -> None:
    for name, data in written().items():
        if name not in NOT_EVIDENCE:
            _, records = read_back(name, data)
            assert records, name


def test_the_firewalls_print_both_sides_of_the_translation_and_a_tap_outside_only_one() -> None:
    page = scene().dialogues["page"]
    inner, outer = page.client.endpoint, Endpoint("192.0.2.1", page.client.port)
    for sensor in ("paloalto", "fortigate"):
        (told,) = (item for item in flows_in(read_back(sensor, written()[sensor])[1]) if item.orig == inner)
        assert outer in told.translated[0]
    asa = statements_in(read_back("asa", written()["asa"])[1])
    assert any(item.orig == inner and any(outer in view for view in item.translated) for item in asa)
    for sensor in ("suricata", "zeek", "argus", "nfdump", "snort.json"):
        assert inner.ip.encode() not in written()[sensor]


def test_another_process_hash_seed_zone_and_locale_give_the_same_bytes() -> None:
    elsewhere = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Chatham", "LC_ALL": "C", "PATH": os.environ["PATH"]}
    output = subprocess.run(
        [sys.executable, "-c", PRINT], cwd=ROOT, env=elsewhere, capture_output=True, text=True, check=True
    ).stdout
    mine = [f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in write_everything(Scene()).items()]
    assert output.splitlines() == mine
