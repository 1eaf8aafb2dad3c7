"""What all sensors write about one day passes the checks: they refuse what is wrong, not what is unusual."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from tests.quality.scenarios import scenario_of
from tests.simulator.protocols import play_all
from tests.simulator.sensors.everything import write_everything
from tests.simulator.sensors.scenes import SEED, Scene, flow_of
from tests.simulator.test_dialogues import Play, _every_kind
from tickets.engine import Alert, Context, EvidenceFile, Outcome, Reversed, analyze
from tickets.quality.exhibit import Exhibit
from tickets.quality.variant import CHECKS
from tickets.simulator import Oddity, SimulatedFile, Simulation, Truth
from tickets.simulator.network import Dialogue, Firewall, Tap, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Flow, Recording, record
from tickets.simulator.sensors import argus, nfdump, suricata_eve, zeek_conn
from tickets.simulator.sensors.flow_halves import Exporter, export_halves
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.sensors.zeek_connections import track_connections

# The checks that look at files and know nothing of a lesson.
OF_FILES = (
    *("reading", "counters", "coverage", "history", "zeek sizes", "identities", "sequence", "duplicates"),
    *("directions", "statements", "sessions", "interfaces", "translations", "quotes"),
    *("order", "flow lines", "delays", "sizes", "checksums", "TTLs", "client ports", "alert counts"),
)
CONTEXT = Context(
    variables={"HOME_NET": ("10.20.0.0/16", "192.0.2.0/24", "2001:db8:1::/48")}, notes=("A note.",)
)
DECOYS = ("dionaea", "cowrie", "honeytrap", "tpot")


@cache
def written() -> tuple[Flow, dict[str, bytes]]:
    scene = Scene()
    return flow_of(scene.recording(), scene.dialogues["page"]), write_everything(scene)


def problems(flow: Flow, files: dict[str, bytes], *oddities: Oddity) -> Iterator[str]:
    """What the checks of files say about files that tell of this flow among others."""
    protocol = flow.dialogue.protocol
    alert = Alert(protocol=protocol, src=flow.orig, dst=flow.resp)
    played = Simulation(
        story="none",
        files=tuple(SimulatedFile(name, data) for name, data in files.items()),
        alert=alert,
        values={},
        truth=Truth(protocol, flow.orig, flow.resp, Outcome.ESTABLISHED, Reversed.NO),
        surface="",
        oddities=frozenset(oddities),
    )
    shown = [EvidenceFile(name=file.name, data=file.data) for file in played.files]
    verdict = analyze(shown, alert=alert, rule="", context=CONTEXT)
    scenario = replace(scenario_of("T001"), statement="Work the alert.", context=CONTEXT)
    exhibit = Exhibit(scenario, played, verdict)
    for name in OF_FILES:
        yield from (f"{name}: {problem}" for problem in CHECKS[name](exhibit))


NAMES = sorted(set(written()[1]) - {"capture", "zeek.dns"})


@pytest.mark.parametrize("name", NAMES)
def test_every_sensor_tells_of_a_day_what_the_capture_beside_it_holds(name: str) -> None:
    flow, files = written()
    beside = {} if name.startswith(DECOYS) else {"capture.pcap": files["capture"]}
    assert list(problems(flow, beside | {name: files[name]})) == []


def of_the_tap(recording: Recording) -> dict[str, bytes]:
    def chance(name: str) -> Stream:
        return Stream(SEED, name.encode())

    every = suricata_eve.Setup(kinds=suricata_eve.ALL_KINDS)
    return {
        "eve.json": suricata_eve.write_eve_log(recording, [], chance("eve"), every)[0],
        "conn.log": zeek_conn.write_connections(track_connections(recording, chance("zeek"))),
        "argus.csv": argus.write_argus_csv(recording),
        "nfdump.csv": nfdump.write_nfdump_csv(export_halves(recording, Exporter(), chance("halves"))),
    }


def everything_wrong(dialogues: tuple[Dialogue, ...], tap: Tap, firewall: Firewall) -> list[str]:
    recording = record(dialogues, tap, firewall)
    files = of_the_tap(recording) | {"capture.pcap": write_capture(recording)}
    # A traceroute's packets and two SYNs that cross are what no client sends otherwise; a story would say so.
    return list(problems(recording.flows[0], files, Oddity.TTL))


@pytest.mark.parametrize("zone", [Zone.INSIDE, Zone.DMZ, Zone.OUTSIDE])
def test_every_kind_of_dialogue_passes_at_every_tap(zone: Zone) -> None:
    play = Play()
    dialogues = tuple(_every_kind(play))
    assert everything_wrong(dialogues, play.stage.tap("tap", zone), play.firewall) == []


@pytest.mark.parametrize("zone", [Zone.INSIDE, Zone.OUTSIDE])
def test_every_protocol_passes_on_both_sides_of_the_translation(zone: Zone) -> None:
    stage, dialogues = play_all()
    played = tuple(dialogues.values())
    assert everything_wrong(played, stage.tap("tap", zone), stage.firewall()) == []
