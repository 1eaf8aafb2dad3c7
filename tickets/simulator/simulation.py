"""A simulation: the evidence files of one variant, its alert, and what is true of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tickets.engine.types import Alert, Endpoint, Outcome, Protocol, Reversed
from tickets.simulator.clock import NS_PER_S, to_datetime
from tickets.simulator.network import Dialogue, Hears, Tap
from tickets.simulator.recording import Recording
from tickets.simulator.sensors.suricata_eve import Signature
from tickets.simulator.stage import Stage

SIMULATOR_VERSION = "1.0.0"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so because the story made it so. For quality checks only; no trainee sees it."""

    protocol: Protocol
    orig: Endpoint
    resp: Endpoint
    outcome: Outcome
    reversed: Reversed


class Oddity(StrEnum):
    """Something that a story does to its evidence on purpose, so that the quality checks make allowance for it.
    The scenario's notes must state it: what nobody could know is no lesson."""

    CAPTURE_GAP = "capture_gap"  # packets that passed are not recorded: a gap, a late start, a restart
    ONE_WAY_TAP = "one_way_tap"  # the tap hears one side only
    CLIENT_PORT = "client_port"  # a client takes ports outside its system's range
    TTL = "ttl"  # somebody else answers in a host's name, or routes change
    CLOCK = "clock"  # a sensor's clock is wrong, or prints another zone
    LATE_LOG = "late_log"  # lines are written or alerts raised long after the fact


class SimulatedFile(NamedTuple):
    """An evidence file as a sensor left it."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Simulation:
    """One story played with one seed.

    `files` stand in the order in which a desk shows them. `values` fill the placeholders
    of the scenario file. `surface` is a fingerprint of what a trainee would recognise again. `oddities` are
    those that the story means.
    """

    story: str
    files: tuple[SimulatedFile, ...]
    alert: Alert
    values: dict[str, str]
    truth: Truth
    surface: str
    oddities: frozenset[Oddity] = frozenset()


def build_simulation(
    story: str,
    stage: Stage,
    recording: Recording,
    lesson: Dialogue,
    *,
    files: tuple[tuple[str, bytes], ...],
    alert: Alert,
    outcome: Outcome,
    values: dict[str, str] | None = None,
    oddities: Collection[Oddity] = (),
) -> Simulation:
    """Put together what every story has: values, truth, fingerprint. What the tap's position makes odd is noted here."""
    orig, resp = lesson.client.endpoint, lesson.server.endpoint
    truth = Truth(
        protocol=lesson.protocol,
        orig=orig,
        resp=resp,
        outcome=outcome,
        reversed=Reversed.YES if alert.src == resp else Reversed.NO,
    )
    all_values = _values(stage, recording.tap, lesson, alert) | (values or {})
    surface = hashlib.sha256(repr(sorted(all_values.items())).encode()).hexdigest()
    return Simulation(
        story=story,
        files=tuple(SimulatedFile(*file) for file in files),
        alert=alert,
        values=all_values,
        truth=truth,
        surface=surface,
        oddities=frozenset(oddities) | _oddities_of(recording.tap),
    )


def _oddities_of(tap: Tap) -> frozenset[Oddity]:
    found = {
        Oddity.CAPTURE_GAP: bool(tap.blind or tap.restarts_ns),
        Oddity.ONE_WAY_TAP: tap.hears is not Hears.BOTH,
    }
    return frozenset(oddity for oddity, is_so in found.items() if is_so)


def print_siem_alert(
    signature: Signature,
    lesson: Dialogue,
    line: tuple[str, int, int],
    seconds_late: int,
    severity: str,
) -> Alert:
    """The alert as a SIEM prints it about one log line (file, line number, time): addresses as in the line."""
    file, number, time_ns = line
    raised_ns = (time_ns // NS_PER_S + seconds_late) * NS_PER_S
    src, dst = lesson.client.endpoint, lesson.server.endpoint
    moment = f"{to_datetime(raised_ns):%Y-%m-%d %H:%M:%S} UTC"
    raw = (
        f'{moment} rule_id={signature.sid} rule="{signature.message}" severity={severity}'
        f" proto=tcp src={src.ip} src_port={src.port} dest={dst.ip} dest_port={dst.port} event={file}:{number}"
    )
    return Alert(
        protocol=lesson.protocol,
        src=src,
        dst=dst,
        source="siem",
        time_ns=raised_ns,
        sid=signature.sid,
        rev=signature.rev,
        message=signature.message,
        category=signature.category,
        severity=signature.severity,
        raw=raw,
    )


def _values(stage: Stage, tap: Tap, lesson: Dialogue, alert: Alert) -> dict[str, str]:
    assert alert.time_ns is not None  # both kinds of alert are stamped
    raised = to_datetime(alert.time_ns)
    client, server = lesson.client, lesson.server
    return {
        "alert_source": str(alert.src),
        "alert_destination": str(alert.dst),
        "alert_date": f"{raised.day} {raised:%B} 2026",
        "alert_time": f"{raised:%H:%M:%S}",
        "client_ip": client.host.ip,
        "client_port": str(client.port),
        "client_name": client.host.name,
        "server_ip": server.host.ip,
        "server_port": str(server.port),
        "server_name": server.host.name,
        "sensor_name": tap.name,
        "resolver_ip": stage.resolver.ip,
        "time_server_ip": stage.time_server.ip,
        "web_server_ip": stage.web_server.ip,
    }
