"""The real Suricata, run over each scenario's capture with the scenario's rule, raises the alert that we show.

It is installed by `make suricata`; where it is not, these tests are skipped."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.quality.scenarios import FAMILIES, play_scenario, scenario_of
from tests.simulator.played import SEEDS
from tickets.engine import Alert, Endpoint, Protocol
from tickets.packs import fill_scenario
from tickets.simulator import Oddity, Simulation

SURICATA = shutil.which("suricata")
needs_suricata = pytest.mark.skipif(
    SURICATA is None, reason="suricata is not installed: its alerts are not held against ours"
)
CLASSES = "config classification: {0},TRAINING {0},2\n"
# Debian's package has the same defaults; written down, so that nothing of the machine's own settings counts.
SETTINGS = """%YAML 1.1
---
vars:
  address-groups: {addresses}
  port-groups: {ports}
default-log-dir: {folder}
outputs:
  - eve-log: {{enabled: yes, filename: eve.json, community-id: true, types: [alert]}}
classification-file: {folder}/classification.config
stream: {{midstream: {midstream}, async-oneside: {midstream}, checksum-validation: yes}}
app-layer:
  protocols: {{http: {{enabled: yes}}, tls: {{enabled: yes}}, ssh: {{enabled: yes}}, ftp: {{enabled: yes}},
    smb: {{enabled: yes}}, smtp: {{enabled: yes}}, rdp: {{enabled: yes}}, sip: {{enabled: yes}},
    dns: {{tcp: {{enabled: yes}}, udp: {{enabled: yes}}}}, ntp: {{enabled: yes}}, dcerpc: {{enabled: yes}}}}
"""
# Suricata wants each of these, whether a rule uses it or not.
ANY = {"HOME_NET": ("any",), "EXTERNAL_NET": ("any",)}


class Raised(NamedTuple):
    """What an alert says of its packet."""

    protocol: Protocol
    src: Endpoint
    dst: Endpoint
    direction: str
    time_us: int


def run_suricata(
    capture: bytes, rule: str, variables: Mapping[str, tuple[str, ...]], folder: Path, *, midstream: bool
) -> list[Raised]:
    """The alerts of one run. It fails where Suricata cannot read the rule."""
    addresses = {name: ",".join(values) for name, values in (ANY | dict(variables)).items()}
    ports = {name: addresses.pop(name) for name in tuple(addresses) if name.endswith(("_PORT", "_PORTS"))}
    quoted = {name: f"[{text}]" if "," in text or "!" in text else text for name, text in addresses.items()}
    settings = SETTINGS.format(
        addresses=json.dumps(quoted),
        ports=json.dumps(ports),
        folder=folder,
        midstream="true" if midstream else "false",
    )
    classes = {
        part.split(":")[1].strip() for part in rule.split(";") if part.strip().startswith("classtype:")
    }
    (folder / "suricata.yaml").write_text(settings)
    (folder / "classification.config").write_text("".join(map(CLASSES.format, sorted(classes))))
    (folder / "our.rules").write_text(rule.strip() + "\n")
    (folder / "capture.pcap").write_bytes(capture)
    command = [str(SURICATA), "-c", "suricata.yaml", "-S", "our.rules", "-r", "capture.pcap", "-l", "."]
    command += ["--runmode", "single", "--init-errors-fatal"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [_read(json.loads(line)) for line in (folder / "eve.json").read_text().splitlines()]


def _read(event: dict[str, Any]) -> Raised:
    is_message = "icmp_type" in event
    moment = datetime.strptime(event["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
    return Raised(
        protocol=Protocol.ICMP if is_message else Protocol(event["proto"].lower()),
        src=Endpoint(event["src_ip"], event.get("src_port", 0)),
        dst=Endpoint(event["dest_ip"], event.get("dest_port", 0)),
        direction=event.get("direction", ""),  # an ICMP error belongs to no flow
        time_us=int(moment.timestamp()) * 1_000_000 + moment.microsecond,
    )


def captures_of(played: Simulation) -> Iterator[bytes]:
    return (file.data for file in played.files if file.name.endswith((".pcap", ".pcapng")))


@cache
def shows_a_capture(family: str) -> bool:
    return any(captures_of(play_scenario(family)))


WITH_CAPTURE = tuple(family for family in FAMILIES if shows_a_capture(family))


def is_ours(raised: Raised, alert: Alert) -> bool:
    """The same packet: its ends, and where an IDS raised it also its direction and time."""
    src, dst = alert.src, alert.dst
    if alert.protocol is Protocol.ICMP:
        src, dst = src._replace(port=0), dst._replace(port=0)
    if (raised.protocol, raised.src, raised.dst) != (alert.protocol, src, dst):
        return False
    # A sensor in the line reads a stream's bytes at once, this run once they are acknowledged.
    if alert.source != "suricata.alert" or alert.verdict:
        return True
    return (raised.direction, raised.time_us) == (alert.direction, int(alert.time_ns or 0) // 1000)


@needs_suricata
@pytest.mark.parametrize("family", WITH_CAPTURE)
def test_suricata_raises_the_alert_that_the_ticket_shows(family: str, tmp_path: Path) -> None:
    scenario = scenario_of(family)
    for number, seed in enumerate(SEEDS[:2]):
        played = play_scenario(family, seed)
        variables = fill_scenario(scenario, played.values).context.variables
        # What was not seen from its beginning is only followed by a sensor that is set to pick up.
        is_partial = bool(played.oddities & {Oddity.CAPTURE_GAP, Oddity.ONE_WAY_TAP})
        raised: list[Raised] = []
        for at, capture in enumerate(captures_of(played)):
            folder = tmp_path / f"{number}-{at}"
            folder.mkdir()
            raised += run_suricata(capture, scenario.rule, variables, folder, midstream=is_partial)
        assert any(is_ours(one, played.alert) for one in raised), (played.alert, raised)


@needs_suricata
def test_suricata_is_silent_where_the_rule_asks_for_something_else_and_refuses_what_is_no_rule(
    tmp_path: Path,
) -> None:
    scenario, played = scenario_of("T004"), play_scenario("T004")
    variables = fill_scenario(scenario, played.values).context.variables
    (capture,) = captures_of(played)
    assert "flags:S" in scenario.rule
    other = scenario.rule.replace("flags:S", "flags:SA")
    assert run_suricata(capture, other, variables, tmp_path, midstream=False) == []
    with pytest.raises(AssertionError, match="sid"):
        run_suricata(capture, "alert tcp any any -> any any (flags:S;)", variables, tmp_path, midstream=False)


def test_another_packet_of_the_conversation_is_not_the_alerts() -> None:
    alert = play_scenario("T001").alert
    time_us = int(alert.time_ns or 0) // 1000
    ours = Raised(alert.protocol, alert.src, alert.dst, alert.direction, time_us)
    assert is_ours(ours, alert)
    for other in (
        ours._replace(src=alert.dst, dst=alert.src),
        ours._replace(direction="to_server"),
        ours._replace(time_us=time_us + 1),
    ):
        assert not is_ours(other, alert)
